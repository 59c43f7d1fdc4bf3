// Package facts reads the CSV files that are part of the program.
package facts

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// Rows returns the rows of an embedded CSV file without its header; each has as many cells as the header. name is that of the file. A file
// that is no CSV is a mistake in the program and panics, so that a test that reads it fails.
func Rows(name, text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("%s, which is part of the program: %v", name, err))
	}
	if len(rows) == 0 {
		panic(name + ", which is part of the program, is empty")
	}
	return rows[1:]
}
