package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// maxGzipLayers allows for files that a tool compressed again on the way.
const maxGzipLayers = 3

// sniff builds the decoding chain of the file, which stands at its start, and fills in head and kind.
func (f *File) sniff() error {
	f.read.Store(0)
	f.foreign = 0
	f.Gzip = false
	var r io.Reader = countingReader{f.raw, &f.read}
	for layer := 0; ; layer++ {
		magic, more, err := peek(r, 2)
		if err != nil {
			return f.wrap(err)
		}
		if !bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
			r = more
			break
		}
		if layer == maxGzipLayers {
			return fmt.Errorf("open %s: gzip inside gzip, %d times: unpack it first", f.name, maxGzipLayers)
		}
		f.Gzip = true
		if r, err = f.gunzip(more); err != nil {
			return err
		}
	}
	start, r, err := peek(r, 4<<10)
	if err != nil {
		return f.wrap(err)
	}
	f.Encoding = "utf-8"
	note := binaryNote(start)
	switch enc, bom := utf16Of(start); {
	case bytes.HasPrefix(start, []byte("PAR1")) || bytes.HasPrefix(start, avroMagic) || note != "":
	case enc != "":
		f.Encoding = enc
		if _, err := io.CopyN(io.Discard, r, int64(bom)); err != nil {
			return f.wrap(err)
		}
		order := unicode.LittleEndian
		if enc == "utf-16be" {
			order = unicode.BigEndian
		}
		r = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(r)
	default:
		if bytes.HasPrefix(start, utf8BOM) {
			if _, err := io.CopyN(io.Discard, r, int64(len(utf8BOM))); err != nil {
				return f.wrap(err)
			}
		}
		r = &utf8Reader{r: r, foreign: &f.foreign}
	}
	f.head, f.whole, err = readHead(r, HeadSize)
	if err != nil {
		return f.wrap(err)
	}
	f.body, f.fresh = r, true
	f.Kind, f.Note = kindOf(f.head, f.whole), note
	if note != "" {
		f.Kind = KindBinary
	}
	return nil
}

// wrap names the file in errors that do not yet.
func (f *File) wrap(err error) error {
	var g *GzipError
	var x *ExpansionError
	if errors.As(err, &g) || errors.As(err, &x) {
		return err
	}
	return fmt.Errorf("read %s: %w", f.name, err)
}

// peek reads up to n bytes and returns them with a reader that starts before them.
func peek(r io.Reader, n int) ([]byte, io.Reader, error) {
	head, whole, err := readHead(r, n)
	if err != nil {
		return nil, nil, err
	}
	return head, &headReader{head: head, rest: r, done: whole}, nil
}

// readHead reads n bytes, or all when there are fewer (whole).
func readHead(r io.Reader, n int) (head []byte, whole bool, err error) {
	head = make([]byte, n)
	got := 0
	for got < n {
		k, err := r.Read(head[got:])
		got += k
		if err == io.EOF {
			return head[:got:got], true, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	return head, false, nil
}

var avroMagic = []byte("Obj\x01")

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

// utf16Of tells UTF-16 by its BOM, of which it returns the length, or by where the NUL bytes of mostly Latin
// text stand. It returns "" for anything else.
func utf16Of(start []byte) (encoding string, bom int) {
	switch {
	case bytes.HasPrefix(start, []byte{0xFF, 0xFE}):
		return "utf-16le", 2
	case bytes.HasPrefix(start, []byte{0xFE, 0xFF}):
		return "utf-16be", 2
	}
	pairs := len(start) / 2
	if pairs == 0 {
		return "", 0
	}
	var even, odd int
	for i := 0; i+1 < len(start); i += 2 {
		if start[i] == 0 {
			even++
		}
		if start[i+1] == 0 {
			odd++
		}
	}
	switch {
	case odd*2 > pairs && even*10 < pairs:
		return "utf-16le", 0
	case even*2 > pairs && odd*10 < pairs:
		return "utf-16be", 0
	}
	return "", 0
}

// binaryNote recognises what cannot be read and says what to do about it; "" when it may be text.
func binaryNote(start []byte) string {
	magics := []struct{ magic, note string }{
		{"PK\x03\x04", "a zip archive or an .xlsx workbook: unpack it, or save the sheet as CSV"},
		{"\x28\xb5\x2f\xfd", "zstd data: unpack it first"},
		{"BZh", "bzip2 data: unpack it first"},
		{"\xfd7zXZ\x00", "xz data: unpack it first"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"},
		{"\xff\xfe\x00\x00", "UTF-32 text: save it as UTF-8"},
		{"\x00\x00\xfe\xff", "UTF-32 text: save it as UTF-8"},
		{"\xd0\xcf\x11\xe0", "an .xls workbook: save the sheet as CSV"},
		{"%PDF-", "a PDF"},
		{"ORC", "an ORC file: convert it to Parquet"},
	}
	for _, m := range magics {
		if bytes.HasPrefix(start, []byte(m.magic)) {
			if m.magic == "BZh" && (len(start) < 4 || start[3] < '1' || start[3] > '9') || m.magic == "ORC" && bytes.IndexByte(start, 0) < 0 {
				continue // a word of a text
			}
			return m.note
		}
	}
	if enc, _ := utf16Of(start); enc == "" && !bytes.HasPrefix(start, []byte("PAR1")) && !bytes.HasPrefix(start, avroMagic) && bytes.Count(start, []byte{0})*100 > len(start) {
		return "binary data (it holds NUL bytes)"
	}
	return ""
}

// kindOf classifies decoded content.
func kindOf(head []byte, whole bool) Kind {
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return KindParquet
	}
	if bytes.HasPrefix(head, avroMagic) {
		return KindAvro
	}
	text := bytes.TrimLeft(head, " \t\r\n\x1e")
	text = bytes.TrimPrefix(text, utf8BOM)
	switch {
	case len(text) == 0 && whole:
		return KindEmpty
	case len(text) == 0:
		return KindText
	case text[0] == '{':
		return KindJSON
	case text[0] == '[' && arrayStart(text[1:]):
		return KindJSON
	}
	return KindText
}

// arrayStart tells the inside of a JSON array from text such as "[INFO] ..." or "[2024-05-01 10:00] ...".
func arrayStart(s []byte) bool {
	s = bytes.TrimLeft(s, " \t\r\n")
	if len(s) == 0 {
		return true
	}
	switch s[0] {
	case '{', '[', '"', ']':
		return true
	}
	end := bytes.IndexAny(s, " \t\r\n,]")
	return end > 0 && validScalar(s[:end])
}
