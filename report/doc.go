// Package report publishes: it writes the reports of SPEC 6 and the snapshot, and finds what was published.
//
// The data flow: an Engine (the database, or a fake in tests) hands out the rows of one report after the other, in the order of
// the report's key. Publish checks that they have the columns that package spec promises, gives every row to one writer per format (CSV,
// JSON, Parquet) and to the collector of the summary, and so reads every report once. All files go into a new folder beside the
// report folder; manifest.json, with sizes and hashes, comes last; then the two folders are swapped in one step. A reader sees the
// old reports or the new ones, never a mixture, and a failure at any point leaves the old ones as they were.
//
// What stands below it: spec (the contract of the reports), human (words and tables
// for people), write (the formats), summary, page (report.html) and workbook (report.xlsx). compare and explain stand above it and read snapshots.
//
// The package knows nothing of the ledger: what a run read and rejected is put into the Summary by the caller.
package report
