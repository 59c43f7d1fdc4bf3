package cmd

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/spec"
)

// The same files written otherwise give the same reports: order of columns, rows and JSON keys, quotes, line ends, indentation, encoding,
// compression. Spreadsheets, scripts and newer versions of an API do all of that.
func TestRewrittenFiles(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	world := filepath.Join("..", "testdata", "demo")
	for seed := range uint64(2) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(world)); err != nil {
			t.Fatal(err)
		}
		w := rewriter{t: t, root: filepath.Join(dir, "exports"), r: rand.New(rand.NewPCG(seed, 2)), sizes: map[string][2]int{}, done: map[string]int{}}
		w.rewrite()
		t.Logf("seed %d: %v", seed, w.done)
		var errw bytes.Buffer
		args := []string{"run", "--quiet", "--config", filepath.Join(dir, "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger"),
			"--report-dir", filepath.Join(dir, "reports")}
		if code := Main(args, strings.NewReader(""), io.Discard, &errw); code != exit.Done {
			t.Fatalf("seed %d: exit code %d\n%s", seed, code, &errw)
		}
		for _, s := range spec.Reports {
			compareReport(t, s, filepath.Join(dir, "reports"), filepath.Join(world, "expected"))
		}
	}
}

// rewriter writes the files of a folder otherwise.
type rewriter struct {
	t     *testing.T
	root  string
	r     *rand.Rand
	sizes map[string][2]int // file -> its bytes before and now
	done  map[string]int    // what was done, for the log
}

func (w *rewriter) rewrite() {
	var names []string
	err := filepath.WalkDir(w.root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var manifests []string
	for _, name := range names {
		if strings.HasSuffix(name, "manifest.json") {
			manifests = append(manifests, name)
			continue
		}
		w.rewriteFile(name)
	}
	for _, name := range manifests {
		w.rewriteManifest(name)
	}
}

// rewriteFile writes a CSV or JSON file otherwise, under its name; others, and what is broken on purpose, stay as they are.
func (w *rewriter) rewriteFile(name string) {
	before := w.read(name)
	data, zipped := before, bytes.HasPrefix(before, []byte{0x1f, 0x8b})
	if zipped {
		z, err := gzip.NewReader(bytes.NewReader(before))
		if err == nil {
			data, err = io.ReadAll(z)
		}
		if err != nil {
			return
		}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var ok bool
	switch filepath.Ext(strings.TrimSuffix(name, ".gz")) {
	case ".csv":
		data, ok = w.table(data)
	case ".json":
		data, ok = w.document(data)
	}
	if !ok {
		return
	}
	data = w.encode(data)
	if zipped || w.r.IntN(4) == 0 {
		w.done["gzip"]++
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(data)
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			w.t.Fatal(err)
		}
		data = b.Bytes()
	}
	w.write(name, data)
	w.sizes[name] = [2]int{len(before), len(data)}
}

// table gives a CSV file another order of columns and rows, quotes and line ends.
func (w *rewriter) table(data []byte) ([]byte, bool) {
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(records) < 2 {
		return nil, false
	}
	w.done["csv"]++
	order := w.r.Perm(len(records[0]))
	w.r.Shuffle(len(records)-1, func(i, j int) { records[i+1], records[j+1] = records[j+1], records[i+1] })
	end, quoteAll := []string{"\n", "\r\n"}[w.r.IntN(2)], w.r.IntN(2) == 0
	var b bytes.Buffer
	for _, record := range records {
		for i, at := range order {
			if i > 0 {
				b.WriteByte(',')
			}
			value := record[at]
			if quoteAll || strings.ContainsAny(value, "\",\r\n") {
				value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
			}
			b.WriteString(value)
		}
		b.WriteString(end)
	}
	return b.Bytes(), true
}

// document sorts the keys of a JSON document and sets its line breaks otherwise; numbers keep their digits.
func (w *rewriter) document(data []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return nil, false
	}
	w.done["json"]++
	data, err := json.MarshalIndent(v, "", []string{"", "\t", "    "}[w.r.IntN(3)])
	if err == nil && w.r.IntN(3) == 0 {
		data, err = json.Marshal(v)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return data, true
}

// encode writes UTF-8 text as one of the encodings that tools of Windows write.
func (w *rewriter) encode(data []byte) []byte {
	encodings := map[string]func() []byte{
		"utf-8":     func() []byte { return data },
		"utf-8-bom": func() []byte { return append([]byte("\ufeff"), data...) },
		"utf-16le":  func() []byte { return utf16Text(data, binary.LittleEndian) },
		"utf-16be":  func() []byte { return utf16Text(data, binary.BigEndian) },
	}
	names := slices.Sorted(maps.Keys(encodings))
	name := names[w.r.IntN(len(names))]
	w.done[name]++
	return encodings[name]()
}

func utf16Text(data []byte, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + string(data))) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// rewriteManifest states the new sizes of blobs whose sizes it had right.
func (w *rewriter) rewriteManifest(name string) {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(w.read(name), []byte("\ufeff"))))
	d.UseNumber()
	if d.Decode(&m) != nil {
		return
	}
	blobs, _ := m["blobs"].([]any)
	for _, b := range blobs {
		blob, _ := b.(map[string]any)
		blobName, _ := blob["blobName"].(string)
		stated, _ := blob["byteCount"].(json.Number)
		sizes, known := w.sizes[filepath.Join(filepath.Dir(name), filepath.Base(filepath.FromSlash(blobName)))]
		if size, err := stated.Int64(); known && err == nil && size == int64(sizes[0]) {
			blob["byteCount"] = sizes[1]
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, data)
}

func (w *rewriter) read(name string) []byte {
	w.t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

func (w *rewriter) write(name string, data []byte) {
	w.t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		w.t.Fatal(err)
	}
}
