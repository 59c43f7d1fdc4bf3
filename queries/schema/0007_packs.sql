-- Schema version 7: many small slices share one Parquet file.

-- the pack whose files hold the rows of a slice, beside those of others; a slice that is not here has a folder of its own name
create table slice_packs (
  slice_id varchar not null, pack varchar not null
)
