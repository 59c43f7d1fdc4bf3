// Package report writes the reports of SPEC 6 and the closing summary.
//
// The data flow: an Engine (the database, or a fake in tests) hands out the rows of one report after the other, in the order of
// the report's key. Publish checks that they have the columns that Specs promises, gives every row to one writer per format (CSV,
// JSON, Parquet) and to the collector of the summary, and so reads every report once. All files go into a new folder beside the
// report folder; manifest.json, with sizes and hashes, comes last; then the two folders are swapped in one step. A reader sees the
// old reports or the new ones, never a mixture, and a failure at any point leaves the old ones as they were.
//
// The package knows nothing of the ledger: what a run read and rejected is put into the Summary by the caller.
package report
