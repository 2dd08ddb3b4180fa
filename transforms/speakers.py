"""x"""
import polars as pl
def with_sources(rows, subjects, tokens, articles, who):
    g=lambda c,s: pl.lit(tokens[s]).gather(c)
    return rows.with_columns(speaker_start=g("speaker_first","start"), speaker_end=g("speaker_last","end"), speaker_kind=pl.lit("person"), speaker_reference=pl.when(pl.col("speaker_first").is_null()).then(pl.lit("elided")).otherwise(pl.lit("name")), speaker_id=pl.lit(None,pl.String), speaker_name=pl.lit(None,pl.String))
