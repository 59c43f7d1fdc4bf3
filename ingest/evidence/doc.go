// Package evidence turns deployments, deployment operations, activity events, resource changes and request logs into the canonical
// rows that attribution works with.
//
// Data flow:
//
//	one JSON value, CSV row, or the lines of a log that tell of one HTTP request (package logs)
//	  -> shape     which export wrote it: the ordered registry in shapes.go decides by the members it has, never by the file's name
//	  -> fields    where that export keeps each fact: fields.csv, read lazily, cheapest first
//	  -> canonical lower-case ids, UTC microseconds, status words, HTTP codes: packages azure and words
//	  -> Sink      one columnar batch per table, or only a count when the record can be no evidence
//
// A file may mix shapes: each record is read by its own. Nothing is ever searched in a whole record, only in the fields that a
// shape names (SPEC 4). Records that are not evidence are counted by kind (SPEC 3.4); records that should be evidence and cannot be
// used are rejects (SPEC 3.1).
//
// Events are not de-duplicated here: two records of one event get the same dedupe_key and are merged in the ledger.
package evidence
