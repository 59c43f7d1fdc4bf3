// Package export says which cost export runs of a listing count, and for which days.
//
//	listing -> IsManifest -> ParseManifest -> Classify -> Resolve -> standings
//
// Cost exports deliver the whole month again every day, so most files on disk must not count (SPEC 3.2). Everything
// here is a pure function over values: nothing is opened, no clock is read, and the order of the input never matters.
// The caller lists a source, reads the manifests, and checks what only reading can tell (dataRowCount, reject ratio); a
// run that fails there is left out and the rest is resolved again, which brings back the run it had replaced.
//
// Paths are slash-separated and are spelled by the caller. Exports without a scope of their own (manifest 2021-01-01
// and legacy CSVs) are named after their folder, so a path must be spelled the same way in every run.
//
// Facts that change with Azure, not with this code, are data: types.csv, timeframes.csv, agreements.csv.
package export
