package targets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// FileError says what is wrong in a file that a person keeps, and where.
type FileError struct {
	File         string
	Line, Column int // 1-based; 0: of the whole file
	Msg, Hint    string
}

func (e *FileError) Error() string {
	where := filepath.Base(e.File)
	if e.Line > 0 {
		where += fmt.Sprintf(", line %d, column %d", e.Line, e.Column)
	}
	return where + ": " + e.Msg
}

// Try returns the way out.
func (e *FileError) Try() string { return e.Hint }

// mostBytes is the size of a file that is read: a person does not keep more targets than that.
const mostBytes = 4 << 20

// field is one cell and its place.
type field struct {
	text         string
	line, column int
}

// read reads a CSV file with these columns, in any order. Blanks around cells do not count.
func read(path string, columns ...string) ([]map[string]field, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fail(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, fail(path, err)
	}
	if len(data) > mostBytes {
		return nil, &FileError{path, 0, 0, "it is larger than 4 MB", "keep one line for each month, offer and channel"}
	}
	header := strings.Join(columns, ",")
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	var names []string
	var rows []map[string]field
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, &FileError{path, bad.Line, bad.Column, bad.Err.Error(), "correct the line: fields are separated by commas, and one with a comma or quote stands in quotes"}
		}
		if err != nil {
			return nil, fail(path, err)
		}
		line, column := r.FieldPos(0)
		if names == nil {
			for i, name := range cells {
				names = append(names, strings.ToLower(strings.TrimSpace(name)))
				if !slices.Contains(columns, names[i]) || slices.Contains(names[:i], names[i]) {
					line, column = r.FieldPos(i)
					return nil, &FileError{path, line, column, fmt.Sprintf("the header has %q", cut(name)), "write the header " + header}
				}
			}
			if len(names) != len(columns) {
				return nil, &FileError{path, line, column, "the header lacks columns", "write the header " + header}
			}
			continue
		}
		if len(cells) != len(names) {
			return nil, &FileError{path, line, column, fmt.Sprintf("the line has %d fields, the header %d", len(cells), len(names)), "write the fields " + header}
		}
		row := map[string]field{}
		for i, name := range names {
			line, column = r.FieldPos(i)
			row[name] = field{strings.TrimSpace(cells[i]), line, column}
		}
		rows = append(rows, row)
	}
	if names == nil {
		return nil, &FileError{path, 0, 0, "it is empty", "write the header " + header + ", and a line for each"}
	}
	return rows, nil
}

func fail(path string, err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &FileError{path, 0, 0, err.Error(), "name another file in pidledger.yaml, or leave the key out"}
}

// cut shortens what is quoted.
func cut(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return text
}

func (f field) fail(path, hint, format string, args ...any) error {
	return &FileError{path, f.line, f.column, fmt.Sprintf(format, args...), hint}
}

// month reads YYYY-MM.
func (f field) month(path string) (string, error) {
	if _, err := time.Parse("2006-01", f.text); err != nil {
		return "", f.fail(path, "write it as 2026-04", "%q is not a month", cut(f.text))
	}
	return f.text, nil
}

var isCurrency = regexp.MustCompile(`^[A-Za-z]{3}$`)

// currency reads a code of three letters.
func (f field) currency(path string) (string, error) {
	if !isCurrency.MatchString(f.text) {
		return "", f.fail(path, "write its code, such as EUR", "%q is not a currency", cut(f.text))
	}
	return strings.ToUpper(f.text), nil
}

var isAmount = regexp.MustCompile(`^\d{1,20}(\.\d{1,18})?$`)

// above reads a number above zero.
func (f field) above(path string) (*big.Rat, error) {
	if isAmount.MatchString(f.text) {
		if r, ok := new(big.Rat).SetString(f.text); ok && r.Sign() > 0 {
			return r, nil
		}
	}
	return nil, f.fail(path, "write digits with a point before the decimals, such as 12500.50", "%q is not a number above zero", cut(f.text))
}
