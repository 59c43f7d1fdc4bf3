package ingest

import (
	_ "embed"
)

// Manual is the README of this folder: what is read, and the ledger. `pidledger help` shows its sections by topic.
//
//go:embed README.md
var Manual string
