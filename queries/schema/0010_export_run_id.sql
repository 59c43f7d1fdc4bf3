-- Schema version 10. The run of an export is called export_run_id: run_id is that of a run of pidledger, in every table of the ledger but usage,
-- whose column is public and keeps its name beside the new one.

alter table slices rename column run_id to export_run_id;
