package blob

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// A listing takes the memory of a page, however many there are.
func TestPages(t *testing.T) {
	total := 3 * pageSize
	if os.Getenv("PIDLEDGER_AZURE_BLOBS") == "20000" { // the long form of make test-azure
		total = 20 * pageSize
	}
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Query().Get("maxresults") != strconv.Itoa(pageSize) {
			t.Errorf("asked with %s", r.URL.RawQuery)
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("marker"))
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>`)
		to := min(from+pageSize, total)
		for n := from; n < to; n++ {
			fmt.Fprintf(w, `<Blob><Name>y=2026/m=%02d/%06d.json</Name><Properties><Last-Modified>Mon, 02 Mar 2026 01:00:00 GMT</Last-Modified><Etag>0x%x</Etag><Content-Length>%d</Content-Length><BlobType>AppendBlob</BlobType></Properties></Blob>`, 1+n%12, n, n, n)
		}
		fmt.Fprint(w, "</Blobs><NextMarker>")
		if to < total {
			fmt.Fprint(w, to)
		}
		fmt.Fprint(w, "</NextMarker></EnumerationResults>")
	}))
	defer server.Close()
	at, err := Parse("az://contoso/exports")
	if err != nil {
		t.Fatal(err)
	}
	from, err := Access{Getenv: func(name string) string {
		if name == varConnection {
			return "AccountName=contoso;AccountKey=" + base64.StdEncoding.EncodeToString([]byte("key")) + ";BlobEndpoint=" + server.URL + "/contoso"
		}
		return ""
	}}.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	var heaps []uint64
	seen := 0
	err = from.List(t.Context(), "", func(items []Item) error {
		if items[0].Size != int64(seen) || items[0].ETag == "" || !items[0].Append {
			t.Errorf("after %d: %+v", seen, items[0])
		}
		seen += len(items)
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		heaps = append(heaps, m.HeapAlloc)
		return nil
	})
	if err != nil || seen != total || requests != total/pageSize {
		t.Fatalf("%d of %d blobs in %d requests, %v", seen, total, requests, err)
	}
	first, last := heaps[1], heaps[len(heaps)-1]
	t.Logf("%d blobs in %d pages; heap after the second page %.1f MB, after the last %.1f MB", total, requests, float64(first)/1e6, float64(last)/1e6)
	if last > first+first/2 {
		t.Errorf("the heap grew from %d to %d bytes", first, last)
	}
}
