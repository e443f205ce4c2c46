"""Every mutant is caught by a named case, and the correct backend by none of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from conformance.answer import ask
from conformance.backend import execute
from conformance.backends.numpy import create
from conformance.builders.corpus import corpus, named_cases
from conformance.experiment import ALL, conduct
from conformance.measure import examine
from conformance.mutants import MUTANTS
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.answer import Answer
    from conformance.backend import Backend

WITNESSES: Final[Mapping[str, tuple[str, str, str]]] = {
    "absolute_by_root": ("mae", "bfloat16", "neighbours"),
    "accepts_ignore_index_of_probabilities": (
        "cross_entropy",
        "float16",
        "invalid-ignored-probabilities",
    ),
    "accepts_integer_logits": ("cross_entropy", "float16", "invalid-integer-input"),
    "accepts_invalid_target": ("cross_entropy", "float16", "invalid-target-3"),
    "accepts_reduction": ("mae", "float16", "invalid-reduction"),
    "accepts_smoothing_above_one": (
        "cross_entropy",
        "float16",
        "invalid-smoothing-1.5",
    ),
    "accepts_smoothing_nan": ("cross_entropy", "float16", "invalid-smoothing-nan"),
    "accepts_smoothing_negative": (
        "cross_entropy",
        "float16",
        "invalid-smoothing-negative",
    ),
    "accepts_target_shape": ("mae", "float16", "invalid-shape"),
    "accepts_weight_of_wrong_length": (
        "cross_entropy",
        "float16",
        "invalid-weight-longer",
    ),
    "accumulates_over_calls": ("cross_entropy", "bfloat16", "gap-9"),
    "all_ignored_gradient_nan": ("cross_entropy", "float16", "all-ignored-sum"),
    "all_negative_ignored": ("cross_entropy", "float16", "invalid-target-minus-1"),
    "assumes_unit_mass": ("cross_entropy", "float16", "weight-subnormal"),
    "axis_confused_before_last": ("cross_entropy", "bfloat16", "one-class"),
    "axis_confused_first": ("cross_entropy", "bfloat16", "one-class"),
    "broadcast_by_repetition": ("mse", "float16", "broadcast-none"),
    "broadcast_gradient_averaged": ("mse", "float16", "broadcast-input"),
    "broadcast_gradient_first": ("mse", "float16", "broadcast-input"),
    "clamped_denominator": ("cross_entropy", "bfloat16", "empty-batch"),
    "class_256_lost": ("cross_entropy", "float16", "label-above-byte"),
    "class_zero_ignored": ("cross_entropy", "bfloat16", "one-class"),
    "clipped_probability": ("cross_entropy", "float64", "one-class"),
    "constant": ("cross_entropy", "bfloat16", "empty-batch"),
    "count_in_storage_format": ("cross_entropy", "float16", "weights-beyond-half"),
    "count_wraps_16_bits": ("cross_entropy", "float32", "rows-65537"),
    "count_wraps_byte": ("cross_entropy", "float16", "rows-257"),
    "denominator_counts_ignored": (
        "cross_entropy",
        "float16",
        "minus-infinity-ignored",
    ),
    "double_rounding": ("cross_entropy", "float32", "gap-6"),
    "element_index_wraps": ("cross_entropy", "float32", "elements-33000"),
    "epsilon_in_logarithm_1e_7": ("cross_entropy", "float64", "one-class"),
    "epsilon_in_logarithm_1e_9": ("cross_entropy", "float64", "one-class"),
    "expanded_read_as_dense": ("mae", "float16", "upstream-expanded"),
    "exponent_clamped_64": ("cross_entropy", "bfloat16", "gap-104"),
    "exponent_clamped_87": ("cross_entropy", "bfloat16", "gap-104"),
    "exponential_of_large_arguments": ("cross_entropy", "float32", "gap-17"),
    "exponential_of_one_interval": ("cross_entropy", "float16", "weight-ratio"),
    "exponentials_in_storage_format": ("cross_entropy", "float16", "below-minus-168"),
    "fast_exponential_10_bits": ("cross_entropy", "float16", "gap-6"),
    "fast_exponential_14_bits": ("cross_entropy", "float32", "gap-6"),
    "first_row_not_scaled": ("cross_entropy", "float16", "weight-subnormal"),
    "float64_through_float32": ("cross_entropy", "float64", "gap-6"),
    "gradient_by_target_wrong_sign": ("mse", "float16", "scalar"),
    "gradient_by_target_wrong_unsmoothed": (
        "cross_entropy",
        "float16",
        "probabilities-smoothing",
    ),
    "gradient_by_target_wrong_unweighted": (
        "cross_entropy",
        "float16",
        "probabilities-weight",
    ),
    "gradient_by_weight_wrong_first_row": (
        "cross_entropy",
        "float16",
        "probabilities-weight",
    ),
    "gradient_by_weight_wrong_undivided": (
        "cross_entropy",
        "float16",
        "probabilities-weight",
    ),
    "gradient_clipped": ("mse", "float16", "scalar"),
    "gradient_denominator_missing": ("mse", "float16", "broadcast-input"),
    "gradient_denominator_squared": ("mse", "float16", "broadcast-input"),
    "gradient_filtered": ("cross_entropy", "bfloat16", "gap-9"),
    "gradient_in_bfloat16": ("cross_entropy", "float32", "gap-6"),
    "gradient_missing": ("mse", "float16", "empty"),
    "gradient_without_shift": ("cross_entropy", "bfloat16", "behind-104"),
    "gradient_zero_at_negative_weight": (
        "cross_entropy",
        "float32",
        "weight-sum-negative",
    ),
    "half_accumulation": ("cross_entropy", "bfloat16", "gap-6"),
    "ignore_index_condition_default": ("cross_entropy", "float16", "ignored-a-class"),
    "ignore_index_condition_negative": ("cross_entropy", "float16", "ignored-a-class"),
    "ignore_index_condition_no_class": ("cross_entropy", "float16", "ignored-a-class"),
    "ignore_index_condition_not_default": (
        "cross_entropy",
        "float16",
        "minus-infinity-ignored",
    ),
    "ignore_index_condition_not_negative": (
        "cross_entropy",
        "float16",
        "minus-infinity-ignored",
    ),
    "ignored_by_absolute_value": ("cross_entropy", "float32", "ignored-minus-2"),
    "ignored_checked_for_range": ("cross_entropy", "float16", "minus-infinity-ignored"),
    "ignored_class_unsmoothed": (
        "cross_entropy",
        "float32",
        "ignored-a-class-smoothing",
    ),
    "ignored_narrowed_int32": ("cross_entropy", "float16", "ignored-2-to-32"),
    "ignored_narrowed_int8": ("cross_entropy", "float16", "ignored-2-to-32"),
    "ignored_narrowed_uint8": ("cross_entropy", "float16", "ignored-2-to-32"),
    "ignored_rows_counted": ("cross_entropy", "float16", "minus-infinity-ignored"),
    "ignored_rows_gradient": ("cross_entropy", "float16", "minus-infinity-ignored"),
    "ignored_rows_leak": ("cross_entropy", "float16", "minus-infinity-ignored"),
    "ignored_rows_unwritten": ("cross_entropy", "float16", "ignored-255"),
    "ignored_with_the_first": ("cross_entropy", "float16", "minus-infinity-ignored"),
    "in_place_arguments_target": ("mse", "float16", "scalar"),
    "in_place_arguments_upstream": ("mse", "float16", "broadcast-none"),
    "in_place_arguments_weight": ("cross_entropy", "float16", "weight-subnormal"),
    "in_place_modification": ("cross_entropy", "bfloat16", "one-class"),
    "infinite_difference_zero": ("mse", "float16", "nan-input"),
    "infinite_loss_clamped": ("cross_entropy", "float64", "minus-infinity-at-target"),
    "invalid_target_counts_zero": ("cross_entropy", "float16", "invalid-target-3"),
    "invalid_target_gives_nan": ("cross_entropy", "float16", "invalid-target-3"),
    "labels_narrowed_bfloat16": ("cross_entropy", "float16", "label-2049"),
    "labels_narrowed_float16": ("cross_entropy", "float16", "label-2049"),
    "labels_narrowed_uint8": ("cross_entropy", "float16", "label-above-byte"),
    "labels_narrowed_unchecked": (
        "cross_entropy",
        "float32",
        "invalid-target-2-to-32",
    ),
    "lane_tail_dropped_256": ("mae", "float16", "elements-257"),
    "lane_tail_dropped_32": ("mae", "float16", "elements-257"),
    "lane_tail_dropped_8": ("mae", "float16", "elements-257"),
    "last_class_dropped": ("cross_entropy", "float16", "minus-infinity-all-but-one"),
    "last_row_dropped": ("cross_entropy", "float16", "weight-ratio"),
    "last_weight_wrong": ("cross_entropy", "float16", "upstream-beyond-half"),
    "log_of_softmax": ("cross_entropy", "bfloat16", "behind-104"),
    "log_softmax_missing": ("cross_entropy", "bfloat16", "one-class"),
    "log_sum_minus_logit": ("cross_entropy", "float32", "below-minus-168"),
    "log_sum_of_shards": ("cross_entropy", "bfloat16", "one-class"),
    "logarithm_of_base_two": ("cross_entropy", "float64", "gap-6"),
    "logits_rounded_bfloat16": ("cross_entropy", "float32", "gap-fraction"),
    "logits_rounded_float8": ("cross_entropy", "float32", "gap-17"),
    "logits_rounded_tf32": ("cross_entropy", "float32", "gap-largest"),
    "loss_not_negative": ("cross_entropy", "float16", "total-weight-cancels"),
    "masked_class_gradient_nan": (
        "cross_entropy",
        "float16",
        "minus-infinity-probability-zero",
    ),
    "mean_denominator_all_rows": ("cross_entropy", "float16", "weight-subnormal"),
    "mean_denominator_all_weights": ("cross_entropy", "bfloat16", "empty-batch"),
    "mean_denominator_batch_only": ("cross_entropy", "float16", "weight-subnormal"),
    "mean_denominator_effective": (
        "cross_entropy",
        "float16",
        "minus-infinity-smoothing-weight-zero",
    ),
    "mean_denominator_ignored_rows": ("cross_entropy", "bfloat16", "one-class"),
    "mean_denominator_logits": ("cross_entropy", "bfloat16", "gap-6"),
    "mean_denominator_minus_one": ("cross_entropy", "bfloat16", "gap-6"),
    "mean_denominator_plus_epsilon": ("cross_entropy", "bfloat16", "empty-batch"),
    "mean_denominator_plus_one": ("cross_entropy", "bfloat16", "empty-batch"),
    "mean_denominator_weighed_rows": ("cross_entropy", "float16", "weight-subnormal"),
    "mean_of_means": ("cross_entropy", "float32", "ignored-unequal-samples"),
    "median": ("mse", "float16", "broadcast-input"),
    "minimum_shift": ("cross_entropy", "bfloat16", "below-minus-168"),
    "lanes_not_kept_forwards": ("mae", "float32", "stagnation-elements"),
    "lanes_not_kept_from_the_end": (
        "cross_entropy",
        "float64",
        "stagnation-classes-backwards",
    ),
    "lanes_not_kept_over_strides": (
        "cross_entropy",
        "float32",
        "stagnation-rows-strided",
    ),
    "minus_infinity_clamped": (
        "cross_entropy",
        "float16",
        "minus-infinity-probability-zero",
    ),
    "missing_factor_two": ("mse", "float16", "scalar"),
    "nan_not_seen_by_maximum": ("cross_entropy", "float16", "nan-logit"),
    "nan_swallowed": ("cross_entropy", "bfloat16", "empty-batch"),
    "negative_target_wraps": ("cross_entropy", "float16", "invalid-target-minus-1"),
    "no_max_shift": ("cross_entropy", "bfloat16", "behind-104"),
    "no_shift_in_vector_body": (
        "cross_entropy",
        "float16",
        "minus-infinity-all-but-one",
    ),
    "nothing_has_mean_zero": ("cross_entropy", "bfloat16", "empty-batch"),
    "offset_ignored_input": ("mae", "float16", "every-second-element"),
    "offset_ignored_target": ("mae", "float32", "offset-of-target-and-upstream"),
    "offset_ignored_upstream": ("mae", "float32", "offset-of-target-and-upstream"),
    "offset_ignored_weight": (
        "cross_entropy",
        "float32",
        "offset-of-weight-and-upstream",
    ),
    "one_binade_2_to_10": ("mae", "float32", "binades"),
    "one_binade_2_to_100": ("mae", "float32", "binades-beyond-half"),
    "one_binade_2_to_minus_30": ("mae", "float32", "binades-beyond-half"),
    "one_hot_times_logarithm": ("cross_entropy", "bfloat16", "gap-largest"),
    "one_unit_up": ("mse", "float16", "scalar"),
    "online_softmax_nan": ("cross_entropy", "float16", "minus-infinity-leading-block"),
    "pairwise_odd_lost": ("mae", "float16", "elements-257"),
    "plus_infinity_clamped": ("cross_entropy", "float32", "plus-infinity-elsewhere"),
    "probabilities_made_hard": ("cross_entropy", "float16", "nan-probability"),
    "probabilities_renormalised": (
        "cross_entropy",
        "float32",
        "tutorial-cross-entropy-float-target",
    ),
    "probability_denominator_mass": (
        "cross_entropy",
        "float32",
        "tutorial-cross-entropy-float-target",
    ),
    "probability_denominator_weighted_mass": (
        "cross_entropy",
        "float32",
        "tutorial-cross-entropy-float-target",
    ),
    "probability_rounded_first": ("cross_entropy", "bfloat16", "gap-6"),
    "reads_past_the_end": ("cross_entropy", "float16", "garbage-behind"),
    "reciprocal_approximated": ("cross_entropy", "bfloat16", "gap-6"),
    "reciprocal_of_count_rounded": ("mse", "float16", "broadcast-input"),
    "reduction_sum_as_mean": ("cross_entropy", "bfloat16", "empty-batch-sum"),
    "regression_denominator_batch": ("mse", "float16", "broadcast-input"),
    "regression_denominator_minus_one": ("mse", "float16", "empty"),
    "regression_denominator_plus_one": ("mse", "float16", "empty"),
    "rejects_broadcast": ("mse", "float16", "broadcast-input"),
    "rejects_valid_all_ignored": ("cross_entropy", "bfloat16", "empty-batch"),
    "rejects_valid_empty": ("cross_entropy", "bfloat16", "empty-batch"),
    "rejects_valid_full_smoothing": ("cross_entropy", "float16", "smoothing-whole"),
    "rejects_valid_k_dim": ("cross_entropy", "bfloat16", "empty-dimension"),
    "rejects_valid_negative_weight": ("cross_entropy", "float16", "weight-negative"),
    "rejects_valid_one_class": ("cross_entropy", "bfloat16", "one-class"),
    "rejects_valid_unbatched": ("cross_entropy", "float16", "unbatched"),
    "rejects_valid_unequal_mass": ("cross_entropy", "float16", "nan-probability"),
    "residue_of_the_count": ("cross_entropy", "float16", "smoothing-five-classes"),
    "result_dtype_double": ("cross_entropy", "bfloat16", "empty-batch"),
    "result_dtype_gradients": ("cross_entropy", "bfloat16", "empty-batch"),
    "result_dtype_value": ("cross_entropy", "bfloat16", "empty-batch"),
    "result_shape_gradient": ("cross_entropy", "bfloat16", "empty-batch"),
    "result_shape_scalar": ("cross_entropy", "bfloat16", "empty-batch"),
    "result_shape_terms": ("cross_entropy", "bfloat16", "empty-dimension"),
    "rounded_log_sum": ("cross_entropy", "bfloat16", "gap-6"),
    "row_index_narrow_15_bits": ("cross_entropy", "float16", "rows-60000"),
    "row_index_narrow_16_bits": ("cross_entropy", "float32", "rows-65537"),
    "row_index_narrow_byte": ("cross_entropy", "float16", "rows-257"),
    "row_lost_at_powers_of_two": ("cross_entropy", "float16", "rows-16-sum"),
    "running_total_rounded": ("cross_entropy", "bfloat16", "gap-6"),
    "scaled_before_shift": ("cross_entropy", "float32", "large-logits"),
    "second_call_differs": ("mse", "float32", "largest"),
    "shift_from_first_class": ("cross_entropy", "bfloat16", "behind-104"),
    "sign_at_zero": ("mae", "float16", "neighbours"),
    "slope_at_nan": ("mae", "float16", "nan-input"),
    "slope_in_storage_format": ("mse", "float16", "broadcast-input"),
    "slope_softened": ("mae", "float16", "neighbours"),
    "smoothing_by_half_gradient": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_by_half_value": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_counts_last_axis": (
        "cross_entropy",
        "float32",
        "smoothing-three-positions",
    ),
    "smoothing_gradient_unscaled": (
        "cross_entropy",
        "bfloat16",
        "behind-200-smoothing",
    ),
    "smoothing_ignored": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_of_indices_only": (
        "cross_entropy",
        "float16",
        "probabilities-smoothing",
    ),
    "smoothing_over_ignored_rows": (
        "cross_entropy",
        "float16",
        "ignored-weight-smoothing",
    ),
    "smoothing_over_others": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_shares_one_over_classes": (
        "cross_entropy",
        "bfloat16",
        "behind-200-smoothing",
    ),
    "smoothing_shares_scaled_up": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_shares_swapped": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_shares_without_two": (
        "cross_entropy",
        "bfloat16",
        "behind-200-smoothing",
    ),
    "smoothing_sum_in_storage_format": (
        "cross_entropy",
        "float16",
        "minus-infinity-smoothing",
    ),
    "smoothing_unscaled": ("cross_entropy", "bfloat16", "behind-200-smoothing"),
    "smoothing_unweighted": (
        "cross_entropy",
        "float16",
        "minus-infinity-smoothing-weight-zero",
    ),
    "softmax_applied_twice": ("cross_entropy", "bfloat16", "gap-6"),
    "softmax_of_rounded_logarithm": ("cross_entropy", "float16", "gap-6"),
    "squared_halved": ("mse", "float16", "scalar"),
    "squares_expanded": ("mse", "float16", "infinite-input"),
    "squares_in_storage_format": ("mse", "float16", "one-difference-of-ten"),
    "stochastic_rounding": ("cross_entropy", "bfloat16", "gap-6"),
    "strides_ignored_input": ("mae", "float16", "every-second-element"),
    "strides_ignored_target": ("mae", "float16", "every-second-element"),
    "strides_ignored_upstream": ("mae", "float32", "upstream-every-second"),
    "strides_ignored_weight": ("cross_entropy", "float16", "every-second-element"),
    "subnormals_flushed_arguments": ("mse", "float16", "neighbours"),
    "subnormals_flushed_results": ("cross_entropy", "float16", "gap-17"),
    "target_gradient_dropped": ("mse", "float16", "scalar"),
    "target_term_lost": ("cross_entropy", "bfloat16", "one-class"),
    "tile_boundary_counted_twice": ("cross_entropy", "float64", "label-2049"),
    "truncated": ("cross_entropy", "float16", "gap-6"),
    "unbatched_as_rows": ("cross_entropy", "float16", "unbatched"),
    "unreduced": ("cross_entropy", "bfloat16", "empty-batch"),
    "upstream_changed_absolute": ("mse", "float16", "broadcast-none"),
    "upstream_changed_averaged": ("mse", "float16", "broadcast-none"),
    "upstream_changed_last": ("mse", "float16", "broadcast-none"),
    "upstream_changed_rounded": ("mae", "float32", "upstream-tenth"),
    "upstream_changed_squared": ("mse", "float16", "broadcast-none"),
    "upstream_first_only": ("mse", "float16", "broadcast-none"),
    "upstream_ignored": ("mse", "float16", "broadcast-none"),
    "upstream_not_for_target": ("mse", "float16", "broadcast-none"),
    "upstream_transposed": ("mse", "float16", "broadcast-none"),
    "upstream_zero_first_skips": (
        "mse",
        "float16",
        "gradient-beyond-half-upstream-zero",
    ),
    "weight_sum_sign_absolute": ("cross_entropy", "float16", "weight-negative"),
    "weight_sum_sign_positive": ("cross_entropy", "float16", "weight-negative"),
    "weights_by_row": ("cross_entropy", "float16", "upstream-beyond-half"),
    "weights_changed_half": ("cross_entropy", "bfloat16", "weight-ratio"),
    "weights_changed_normalised": ("cross_entropy", "float16", "upstream-beyond-half"),
    "weights_changed_positive": ("cross_entropy", "float16", "weight-negative"),
    "weights_changed_squared": ("cross_entropy", "float16", "upstream-beyond-half"),
    "weights_dropped": ("cross_entropy", "float16", "nan-weight"),
    "weights_lost_in_gradient": ("cross_entropy", "float16", "weight-subnormal"),
    "weights_of_indices_only": ("cross_entropy", "float16", "probabilities-weight"),
    "weights_of_whole_row": (
        "cross_entropy",
        "float32",
        "tutorial-cross-entropy-float-target",
    ),
    "writes_outside_the_view": ("mae", "float16", "every-second-element"),
    "wrong_axis": ("cross_entropy", "bfloat16", "gap-6-inner-class-axis"),
    "wrong_denominator": ("cross_entropy", "float16", "weight-subnormal"),
    "wrong_dtype": ("cross_entropy", "bfloat16", "empty-batch"),
    "zero_times_infinity": ("cross_entropy", "float16", "nan-weight-zero"),
    "zeros": ("cross_entropy", "bfloat16", "empty-batch"),
    "accepts_bool_target": ("cross_entropy", "float16", "invalid-target-bool"),
    "axis_confused_last_of_six": ("cross_entropy", "float32", "four-dimensions-more"),
    "broadcast_gradient_of_the_other": ("mae", "float32", "broadcast-square"),
    "classes_beyond_a_tile_unreached_gradient": (
        "cross_entropy",
        "float32",
        "classes-32000",
    ),
    "classes_beyond_a_tile_unreached_sum": (
        "cross_entropy",
        "float32",
        "classes-32000",
    ),
    "forward_over_reverse_fails_for_mean": ("mse", "float32", "everything-along-mean"),
    "forward_over_reverse_fails_off_diagonal": (
        "cross_entropy",
        "float32",
        "everything-along-weights",
    ),
    "labels_narrowed_int16": ("cross_entropy", "float32", "classes-66000"),
    "labels_narrowed_uint16": ("cross_entropy", "float32", "classes-66000"),
    "logits_softcapped": ("cross_entropy", "float32", "gap-6"),
    "mapped_items_averaged": ("mae", "float32", "everything-sum"),
    "maximum_kept_between_rows": ("cross_entropy", "float32", "nan-logit"),
    "negative_strides_made_positive": ("mae", "float32", "backwards"),
    "no_gradient_narrow": ("mae", "float32", "everything-halfway"),
    "normaliser_penalised": ("cross_entropy", "float32", "one-class"),
    "online_softmax_unscaled_128": (
        "cross_entropy",
        "float32",
        "minus-infinity-leading-block",
    ),
    "online_softmax_unscaled_32768": ("cross_entropy", "float32", "classes-66000"),
    "online_softmax_unscaled_4096": ("cross_entropy", "float32", "classes-66000"),
    "online_softmax_unscaled_with_the_tile": (
        "cross_entropy",
        "float32",
        "minus-infinity-leading-block",
    ),
    "order_at_random": ("cross_entropy", "float32", "everything-along-weights"),
    "padding_enters_the_sum_half": ("cross_entropy", "float32", "offset-minus-1e8"),
    "padding_enters_the_sum_large": ("cross_entropy", "float32", "offset-minus-1e8"),
    "padding_enters_the_sum_zero": ("cross_entropy", "float32", "one-class"),
    "parts_disagree_on_ignored": ("cross_entropy", "float32", "everything-mean"),
    "returns_the_upstream": ("mae", "float32", "everything-ahead"),
    "rounded_before_the_sum_row_losses": (
        "cross_entropy",
        "float16",
        "weight-subnormal",
    ),
    "rounded_before_the_sum_smoothed_target": (
        "cross_entropy",
        "float16",
        "probabilities-smoothing",
    ),
    "second_thread_lost": ("mse", "float32", "everything-elements-65536"),
    "sign_of_zero": ("mae", "float32", "equal"),
    "slope_of_products": ("mse", "float32", "large-and-alike"),
    "smoothing_counts_padded_classes": (
        "cross_entropy",
        "float32",
        "smoothing-five-classes",
    ),
    "tangent_strides_ignored": ("mae", "float32", "along-transposed"),
    "ties_rounded_down": ("mae", "float32", "everything-halfway"),
    "upstream_shortcut_expanded": ("mae", "float32", "upstream-expanded-rows"),
    "upstream_shortcut_one_first": ("mse", "float32", "broadcast-square"),
}
"""Mutant → loss, dtype and name of a case that catches it."""

REPEATED: Final = {"accumulates_over_calls", "second_call_differs"}
"""Mutants that keep a state: their case is run twice, after others."""

ASKED: Final = {
    name
    for name in WITNESSES
    if WITNESSES[name][2].startswith("everything-") and name not in REPEATED
}
"""Mutants whose answer may be right: variants, other paths and repetitions tell."""


@cache
def answer(loss: str, dtype: str, name: str) -> Answer:
    """Return the oracle's answer to a named case."""
    (found,) = (n.case for n in named_cases(loss, dtype) if n.name == name)
    return ask(found)


def statuses(backend: Backend, given: Answer, asked: str = "") -> set[Status]:
    """Return what is said about a backend's answer to one case, and what is asked."""
    output = execute(backend, given.case)
    trial = conduct(backend, given.case, asked) if asked else None
    made = examine(given.case, given, backend, output, trial)
    return {one.verdict.status for one in made}


def test_every_mutant_has_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mutant is forgotten.

    Those that `test_mutants_caught` shows to fail requirements need no case here.
    """
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    caught_by = set(import_module("test_mutants_caught").CAUGHT_BY)
    assert set(WITNESSES) <= set(MUTANTS)
    assert set(MUTANTS) - set(WITNESSES) <= caught_by


@pytest.mark.parametrize("name", WITNESSES)
def test_a_mutant_is_caught_by_its_case(name: str) -> None:
    """One named case, where the mechanism can show, is enough."""
    loss, dtype, case = WITNESSES[name]
    mutant = MUTANTS[name]
    assert loss in mutant.losses
    assert dtype in mutant.dtypes
    backend, given = mutant(), answer(loss, dtype, case)
    for earlier in corpus(loss, dtype) if name in REPEATED else ():
        if earlier.name == case:
            break
        execute(backend, earlier.case)
    found = statuses(backend, given, ALL if name in ASKED else "")
    if name in REPEATED:
        found |= statuses(backend, given)
    assert found & FAILURES


def test_the_correct_backend_is_caught_by_no_case() -> None:
    """What these cases catch is the mechanism, not the arithmetic."""
    harmless = {Status.CONFORMS, Status.VACUOUS}
    for loss, dtype, case in set(WITNESSES.values()):
        asked = ALL if case.startswith("everything-") else ""
        assert statuses(create(), answer(loss, dtype, case), asked) <= harmless, case
