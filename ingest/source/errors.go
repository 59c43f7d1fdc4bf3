package source

import (
	"errors"
	"fmt"
)

// MaxRecord is the largest CSV record, JSON element or text line in bytes. The worst line expected in
// practice is about 1 MB (request bodies in activity logs); what is larger is damage, such as a stray
// quote that swallows the rest of the file.
const MaxRecord = 64 << 20

var (
	// ErrTruncatedQuote is matched by *QuoteError: a CSV file ends inside a quoted field.
	ErrTruncatedQuote = errors.New("file ends inside a quoted field")

	// ErrTooLong is matched by *TooLongError.
	ErrTooLong = errors.New("record too long")

	// ErrExpansion is matched by *ExpansionError.
	ErrExpansion = errors.New("gzip data expand too much")
)

// QuoteError says that a CSV file ends inside quotes. Records before it were delivered.
type QuoteError struct {
	Record int64 // data record that holds the field, from 1; 0 for the header
	Line   int64 // line where the quoted field begins
}

func (e *QuoteError) Error() string {
	what := "the header"
	if e.Record > 0 {
		what = fmt.Sprintf("record %d", e.Record)
	}
	return fmt.Sprintf("the file ends inside the quoted field of %s that begins on line %d: it is cut off, or a stray quote opens that field; fetch it again or correct that line", what, e.Line)
}

// Is makes errors.Is(err, ErrTruncatedQuote) work.
func (e *QuoteError) Is(target error) bool { return target == ErrTruncatedQuote }

// TooLongError says that one record is larger than the limit.
type TooLongError struct {
	What  string // record, JSON value, line
	Line  int64  // line where it begins
	Quote int64  // line where a quoted field begins that does not end, 0 when there is none
	Limit int
}

func (e *TooLongError) Error() string {
	msg := fmt.Sprintf("the %s that begins on line %d is longer than %s", e.What, e.Line, megabytes(int64(e.Limit)))
	if e.Quote > 0 {
		msg += fmt.Sprintf(": the quoted field that begins on line %d does not end; correct that line", e.Quote)
	}
	return msg
}

// Is makes errors.Is(err, ErrTooLong) work.
func (e *TooLongError) Is(target error) bool { return target == ErrTooLong }

// DamagedError says that JSON text cannot be read.
type DamagedError struct {
	Record  int64  // element that is damaged, from 1
	Line    int64  // line of the damage
	Column  int64  // column there, in characters, from 1
	Offset  int64  // byte offset of that place in the decoded text
	Reason  string // what is wrong there
	Partial bool   // an unterminated last line: an append blob that was copied while it was written
	Final   bool   // nothing more can be read; otherwise reading goes on with the next line
}

func (e *DamagedError) Error() string {
	msg := fmt.Sprintf("damaged JSON in record %d, line %d, column %d (byte %d): %s", e.Record, e.Line, e.Column, e.Offset, e.Reason)
	if e.Partial {
		msg += " (last line, probably copied while it was being written)"
	}
	return msg
}

// GzipError says that a file cannot be decompressed.
type GzipError struct {
	Path    string
	Decoded int64 // bytes decoded before the damage
	Err     error // io.ErrUnexpectedEOF for a truncated file, gzip.ErrChecksum, ...
}

func (e *GzipError) Error() string {
	return fmt.Sprintf("gunzip %s: %s after %d bytes of text: the copy is incomplete or damaged; fetch it again", e.Path, gzipReason(e.Err), e.Decoded)
}

func (e *GzipError) Unwrap() error { return e.Err }

// ExpansionError says that gzip data grow beyond Limits.
type ExpansionError struct {
	Path          string
	Read, Decoded int64 // compressed and decompressed bytes so far
}

func (e *ExpansionError) Error() string {
	return fmt.Sprintf("gunzip %s: %d bytes expand to more than %s, which no export does: refused as a decompression bomb; if the file is genuine, unpack it first", e.Path, e.Read, megabytes(e.Decoded))
}

// Is makes errors.Is(err, ErrExpansion) work.
func (e *ExpansionError) Is(target error) bool { return target == ErrExpansion }

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n>>20) }
