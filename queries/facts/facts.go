// Package facts reads the CSV files that are part of the program. A mistake in one is a mistake in the program: it panics with the file and
// the line, and the first test that reads the file finds it.
package facts

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Rows returns the rows of an embedded CSV file without its header; each has as many cells as the header. name is that of the file.
func Rows(name, text string) [][]string {
	var rows [][]string
	Each(name, text, func(row []string) error {
		rows = append(rows, row)
		return nil
	})
	return rows
}

// Each calls read for every row of an embedded CSV file but its header. An error of read is a mistake in that line.
func Each(name, text string, read func(row []string) error) {
	r := csv.NewReader(strings.NewReader(text))
	if _, err := r.Read(); err != nil {
		panic(fmt.Sprintf("%s, which is part of the program, has no header: %v", name, err))
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			if err = read(row); err != nil {
				line, _ := r.FieldPos(0)
				err = fmt.Errorf("line %d: %w", line, err)
			}
		}
		if err != nil {
			panic(fmt.Sprintf("%s, which is part of the program: %v", name, err))
		}
	}
}
