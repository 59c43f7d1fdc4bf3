// Package demo is a small world with known answers, in the program itself, so that a new user sees a page before there are exports.
package demo

import "embed"

// Files are the settings, the registry, the exclusions and the exports.
//
//go:embed all:exports exclusions.csv pidledger.yaml registry.csv
var Files embed.FS

//go:embed pidledger.yaml
var settings []byte

// Settings is the text of the settings file.
func Settings() []byte { return settings }
