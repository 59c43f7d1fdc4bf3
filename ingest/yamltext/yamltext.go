// Package yamltext parses YAML that others wrote: its size and nesting are bounded first.
package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser calls itself for every level of nesting, and a megabyte of text takes 100 MB of memory, one of brackets 600 MB. No file that a person
// keeps comes near these.
const (
	maxText  = 4 << 20 // bytes
	maxLine  = 64 << 10
	maxMarks = 400_000 // lines, commas and brackets
	maxDepth = 200
)

// lead are the marks that open levels on one line: nested list items and keys.
var lead = regexp.MustCompile(`^(\s*([-?:]|[&!][^\s]*)(\s+|$))*`)

var errDeep = errors.New("it is nested too deeply")

// Parse returns the syntax tree of a text. The error is one of github.com/goccy/go-yaml, or says what is beyond the bounds.
func Parse(text []byte, options ...parser.Option) (file *ast.File, err error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // a defect of the parser must not end the program
			file, err = nil, fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	return parser.Parse(tokens, 0, options...)
}

// Check returns an error when a text is beyond the bounds.
func Check(text []byte) error {
	_, err := tokenize(text)
	return err
}

func tokenize(text []byte) (token.Tokens, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("it is longer than %d MB", maxText>>20)
	}
	marks := 0
	for _, mark := range "\n,[{" {
		marks += bytes.Count(text, []byte(string(mark)))
	}
	if marks > maxMarks {
		return nil, fmt.Errorf("it has more than %d,000 lines and values", maxMarks/1000)
	}
	for line := range bytes.Lines(text) {
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d kB", maxLine>>10)
		}
		if len(bytes.Fields(lead.Find(line))) > maxDepth {
			return nil, errDeep
		}
	}
	tokens := lexer.Tokenize(string(text))
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		}
		if depth > maxDepth {
			return nil, errDeep
		}
	}
	return tokens, nil
}
