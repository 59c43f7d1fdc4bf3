package queries

import _ "embed"

// Manual is the README of this folder: what counts, the snapshot, and SQL. `pidledger help` shows its sections by topic.
//
//go:embed README.md
var Manual string
