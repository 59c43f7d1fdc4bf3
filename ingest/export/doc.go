// Package export says which cost export runs of a listing count, and for which days.
//
//	listing -> IsManifest -> ParseManifest -> Classify -> Resolve -> standings
//
// Cost exports deliver the whole month again every day, so most files on disk must not count (SPEC 3.2). Everything here is a pure function over
// values: nothing is opened, no clock is read, and the order of the input never matters. The caller lists a source, reads the manifests, and checks
// what only reading can show (dataRowCount, reject ratio). If a run fails these checks, the caller leaves it out and resolves the rest again, and
// the run it had replaced counts again.
//
// Paths are slash-separated, as the caller spells them. Exports without a scope of their own (manifest 2021-01-01 and legacy CSVs) are named after
// their folder, so a path must be spelled the same way in every run.
//
// Facts that change with Azure, not with this code, are data: types.csv, timeframes.csv, agreements.csv.
package export
