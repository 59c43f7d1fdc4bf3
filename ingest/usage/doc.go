// Package usage turns cost and usage exports into the canonical usage rows of the ledger.
//
// Data flow:
//
//	header or JSON record -> DetectHeader / DetectJSON -> Schema (which export this is, and why)
//	Schema + header + Meta -> NewReader -> Reader (columns resolved once: header name -> canonical field, aliases.csv)
//	Reader -> DecideDates (one decision per file) -> NewNormaliser, one for each goroutine
//	record -> Normaliser.Row (CSV and Parquet cells) or Normaliser.JSON -> one row of a columnar.Batch, or a reject
//
// Facts are data files in this folder: aliases.csv (header names), charge_classes.csv (what is usage), fillers.csv (placeholders that mean an empty
// cell), values.csv (spellings of one value). Nothing is guessed from values: amounts keep every digit up to DECIMAL(38,18), dates are ISO or
// month-first, and a row whose cell does not fit its column is rejected.
package usage
