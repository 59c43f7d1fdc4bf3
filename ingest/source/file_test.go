package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"
)

func tempFile(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	must(t, os.WriteFile(path, data, 0o600))
	return path
}

func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		_, err := io.WriteString(w, part)
		must(t, err)
		must(t, w.Close())
	}
	return b.Bytes()
}

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func utf16be(s string) []byte {
	b := utf16le(s)
	for i := 0; i < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

func TestOpen(t *testing.T) {
	big := "a,b\n" + strings.Repeat("Zürich,\"漢 𝄞\"\n", 20_000)
	twice := zipped(t, string(zipped(t, big)))
	tests := []struct {
		name     string
		data     []byte
		kind     Kind
		gzip     bool
		encoding string
		text     string
	}{
		{"zero bytes", nil, KindEmpty, false, "utf-8", ""},
		{"blank", []byte(" \r\n\t\n"), KindEmpty, false, "utf-8", " \r\n\t\n"},
		{"BOM only", utf8BOM, KindEmpty, false, "utf-8", ""},
		{"zero bytes, gzip", zipped(t, ""), KindEmpty, true, "utf-8", ""},
		{"csv", []byte("a,b\n1,2\n"), KindText, false, "utf-8", "a,b\n1,2\n"},
		{"csv, BOM", []byte("\ufeffa,b\n"), KindText, false, "utf-8", "a,b\n"},
		{"big", []byte(big), KindText, false, "utf-8", big},
		{"big, gzip", zipped(t, big), KindText, true, "utf-8", big},
		{"gzip of several members", zipped(t, big, "", "x", big), KindText, true, "utf-8", big + "x" + big},
		{"gzip, first member empty", zipped(t, "", big), KindText, true, "utf-8", big},
		{"gzip in gzip", twice, KindText, true, "utf-8", big},
		{"gzip, BOM, CRLF", zipped(t, "\ufeffa\r\n"), KindText, true, "utf-8", "a\r\n"},
		{"json object", []byte("\ufeff \n{\"a\":1}"), KindJSON, false, "utf-8", " \n{\"a\":1}"},
		{"json array", []byte("[\n {}]"), KindJSON, false, "utf-8", "[\n {}]"},
		{"json array of numbers", []byte("[1,2]"), KindJSON, false, "utf-8", "[1,2]"},
		{"empty json array", []byte("[]"), KindJSON, false, "utf-8", "[]"},
		{"damaged json", []byte("{a"), KindJSON, false, "utf-8", "{a"},
		{"log line with level", []byte("[INFO] x"), KindText, false, "utf-8", "[INFO] x"},
		{"log line with time", []byte("[2026-05-01 10:00] x"), KindText, false, "utf-8", "[2026-05-01 10:00] x"},
		{"parquet", []byte("PAR1\x15\x00\xff\x00PAR1"), KindParquet, false, "utf-8", "PAR1\x15\x00\xff\x00PAR1"},
		{"UTF-16LE, BOM", append([]byte{0xFF, 0xFE}, utf16le(big)...), KindText, false, "utf-16le", big},
		{"UTF-16BE, BOM", append([]byte{0xFE, 0xFF}, utf16be(big)...), KindText, false, "utf-16be", big},
		{"UTF-16LE", utf16le(big), KindText, false, "utf-16le", big},
		{"UTF-16BE", utf16be(big), KindText, false, "utf-16be", big},
		{"UTF-16LE JSON, gzip", zipped(t, string(append([]byte{0xFF, 0xFE}, utf16le(`{"a":"ü"}`)...))), KindJSON, true, "utf-16le", `{"a":"ü"}`},
		{"UTF-16LE cut in a character", utf16le("a,b\n")[:7], KindText, false, "utf-16le", "a,b\ufffd"},
		{"UTF-16 BOM only", []byte{0xFF, 0xFE}, KindEmpty, false, "utf-16le", ""},
		{"windows-1252", []byte("Stra\xdfe;\x80\n"), KindText, false, "utf-8", "Straße;€\n"},
		{"zip", []byte("PK\x03\x04\x00\x00"), KindBinary, false, "utf-8", ""},
		{"binary", []byte("\x7fELF\x00\x00\x01\x00\x01\x02\x03"), KindBinary, false, "utf-8", ""},
		{"text that begins like bzip2", []byte("BZhang,x\n"), KindText, false, "utf-8", "BZhang,x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Open(tempFile(t, tt.data), Limits{})
			must(t, err)
			defer f.Close()
			if f.Kind != tt.kind || f.Gzip != tt.gzip || f.Encoding != tt.encoding || f.Size != int64(len(tt.data)) {
				t.Errorf("kind %v, gzip %v, encoding %s, size %d", f.Kind, f.Gzip, f.Encoding, f.Size)
			}
			if f.Kind == KindBinary {
				if f.Note == "" {
					t.Error("no note")
				}
				return
			}
			for range 2 { // the second reader starts again
				got, err := io.ReadAll(f.Reader())
				must(t, err)
				if string(got) != tt.text {
					t.Errorf("text %.80q, want %.80q", got, tt.text)
				}
				if f.BytesRead() != f.Size {
					t.Errorf("%d bytes read of %d", f.BytesRead(), f.Size)
				}
			}
			if want := tt.text[:min(len(tt.text), HeadSize)]; string(f.Head()) != want && len(f.Head()) < HeadSize-4 {
				t.Errorf("head of %d bytes", len(f.Head()))
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	text := string(sampleCSV(3000))
	whole := zipped(t, text)
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	inside := bytes.Clone(whole)
	copy(inside[len(inside)/2:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	tests := []struct {
		name, want string
		data       []byte
		is         error
	}{
		{"truncated", "truncated", whole[:len(whole)*2/3], io.ErrUnexpectedEOF},
		{"without trailer", "truncated", whole[:len(whole)-3], io.ErrUnexpectedEOF},
		{"truncated header", "truncated", whole[:5], io.ErrUnexpectedEOF},
		{"second member truncated", "truncated", append(bytes.Clone(whole), whole[:9]...), io.ErrUnexpectedEOF},
		{"checksum", "checksum", damaged, gzip.ErrChecksum},
		{"damaged inside", "damaged", inside, nil},
		{"bytes after the end", "not gzip data", append(bytes.Clone(whole), "hello, world"...), gzip.ErrHeader},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := tempFile(t, tt.data)
			err := func() error {
				f, err := Open(path, Limits{})
				if err != nil {
					return err
				}
				defer f.Close()
				_, _, err = readCSV(t, f.Reader(), CSVOptions{})
				return err
			}()
			var g *GzipError
			if !errors.As(err, &g) || g.Path != path || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := Open(t.TempDir(), Limits{}); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("directory: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestGzipBomb(t *testing.T) {
	bomb := zipped(t, strings.Repeat("a,b\n", 20<<20))
	path := tempFile(t, bomb)
	read := func(lim Limits) error {
		f, err := Open(path, lim)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f.Reader())
		return err
	}
	if err := read(Limits{}); !errors.Is(err, ErrExpansion) || !strings.Contains(err.Error(), path) {
		t.Errorf("default: %v", err)
	}
	if err := read(Limits{MaxExpansion: 2000}); err != nil {
		t.Errorf("allowed: %v", err)
	}
	if err := read(Limits{MaxExpansion: 2000, MaxBytes: 1 << 20}); !errors.Is(err, ErrExpansion) {
		t.Errorf("absolute: %v", err)
	}
}

// TestUTF8Reader: the outcome does not depend on how the input is read.
func TestUTF8Reader(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	parts := []string{"a", "xyz,", "\n", "ü", "漢", "𝄞", "\xe4", "\x80", "\xe6\xbc", "\xf0\x9d", "\xff", "\xc3\x28"}
	for range 2000 {
		var in strings.Builder
		for range rng.Intn(20) {
			in.WriteString(parts[rng.Intn(len(parts))])
		}
		var want []byte
		foreign := int64(0)
		for s := in.String(); len(s) > 0; {
			r, n := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError && n == 1 {
				r, foreign = charmap.Windows1252.DecodeByte(s[0]), foreign+1
			}
			want = utf8.AppendRune(want, r)
			s = s[n:]
		}
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			var n int64
			got, err := io.ReadAll(wrap(&utf8Reader{r: wrap(strings.NewReader(in.String())), foreign: &n}))
			if err != nil || !bytes.Equal(got, want) || n != foreign {
				t.Fatalf("%q: %q, want %q, error %v, %d foreign bytes, want %d", in.String(), got, want, err, n, foreign)
			}
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	text := "a\r\n\n" + long + "\nlast"
	for _, size := range []int{1, 5, 0} {
		l := NewLines(strings.NewReader(text), LineOptions{BufferSize: size})
		var got []string
		for {
			line, err := l.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			got = append(got, fmt.Sprintf("%d %d %v %d", line.Number, line.Offset, line.Unterminated, len(line.Bytes)))
		}
		want := fmt.Sprintf("1 0 false 1|2 3 false 0|3 4 false %d|4 %d true 4", len(long), len(long)+5)
		if strings.Join(got, "|") != want {
			t.Errorf("%q, want %s", got, want)
		}
	}
	l := NewLines(strings.NewReader(text), LineOptions{MaxLine: 1 << 20})
	for {
		if _, err := l.Next(); err != nil {
			if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("error %v", err)
			}
			break
		}
	}
}

func TestReject(t *testing.T) {
	r := NewReject(1, 2, "Cost", []byte(strings.Repeat("ü", 150)), "too long")
	if len(r.Value) != 200 || !utf8.ValidString(r.Value) {
		t.Errorf("%d bytes", len(r.Value))
	}
	if v := CutValue([]byte("x" + strings.Repeat("ü", 150))); len(v) != 199 || !utf8.ValidString(v) {
		t.Errorf("%d bytes", len(v))
	}
}
