// Package registry reads the partner's own files: registrations, exclusions and customers (SPEC 2).
//
//	file -> table (CSV, JSON, YAML or Parquet by content; header aliases) -> typed rows and findings
//
// These files are small and written by hand, so every finding carries file, line, column, value and a way out, and all of a file's problems are
// reported at once. A file with an error in it is refused as a whole: half a registry would credit usage to the wrong line unnoticed. Lint returns
// every finding as data.
//
// Column names, channel words and the severities of findings are data: aliases.csv, channels.csv, findings.csv.
package registry
