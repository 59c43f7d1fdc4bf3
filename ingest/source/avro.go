package source

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
)

// Avro reads one field of the records of an Avro container file (codecs null, deflate, snappy and zstandard), whose blocks may be as large
// as MaxRecord, stored and unpacked: Event Hubs writes a few MB.
type Avro struct {
	r      *ocf.Reader
	field  string
	fields []string
	record int64
}

// NewAvro reads the header of a container file and prepares reading the field of this name, whose case does not matter; the other fields
// are passed over. Without such a field Field returns nothing, and Next must not be called. The caller closes it.
func NewAvro(r io.Reader, field string) (*Avro, error) {
	a := &Avro{}
	var err error
	a.r, err = ocf.NewReader(r, ocf.WithMaxBlockBytes(MaxRecord), ocf.WithMaxDecompressedBlockBytes(MaxRecord), ocf.WithReaderSchemaFunc(func(file *ocf.Reader) (*avro.Schema, error) {
		root := file.Schema().Root()
		var wanted []avro.SchemaField
		for _, f := range root.Fields {
			a.fields = append(a.fields, f.Name)
			if a.field == "" && strings.EqualFold(f.Name, field) {
				a.field, wanted = f.Name, []avro.SchemaField{f}
			}
		}
		if a.field == "" {
			return file.Schema(), nil
		}
		root.Fields = wanted
		return root.Schema()
	}))
	if err != nil {
		return nil, fmt.Errorf("no valid Avro: %w", err)
	}
	return a, nil
}

// Field returns the name of the field that is read, as the file spells it; empty: it has none.
func (a *Avro) Field() string { return a.field }

// Fields returns the names of the fields that records have; none when the values are not records.
func (a *Avro) Fields() []string { return a.fields }

// Next returns the field of the next record, nil where that is null, and the number of the record, from 1. A field that is neither bytes
// nor text is an error, as damage is; io.EOF ends the file.
func (a *Avro) Next() (value []byte, record int64, err error) {
	var row map[string]any
	if err := a.r.Decode(&row); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, 0, io.EOF
	} else if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, 0, fmt.Errorf("the Avro file ends inside of a block, after record %d: the copy is incomplete; fetch it again", a.record)
	} else if err != nil {
		return nil, 0, fmt.Errorf("after record %d of this Avro file: %w", a.record, err)
	}
	a.record++
	switch v := row[a.field].(type) {
	case nil:
		return nil, a.record, nil
	case []byte:
		return v, a.record, nil
	case string:
		return []byte(v), a.record, nil
	default:
		return nil, 0, fmt.Errorf("record %d of this Avro file: %s is neither bytes nor text", a.record, a.field)
	}
}

// Close frees what the decompressor holds.
func (a *Avro) Close() error { return a.r.Close() }
