package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// sampleCSV returns rows of the shape of an MCA export: 65 columns, about 750 bytes, tags and additional
// info quoted, some columns empty.
func sampleCSV(rows int) []byte {
	var b bytes.Buffer
	for c := range 65 {
		if c > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "column%d", c)
	}
	b.WriteByte('\n')
	for n := range rows {
		fmt.Fprintf(&b, "G0%07d,,aaaa%04d-1111-2222-3333-444455556666:0000_2019-05-31,Contoso Ltd,BP%04d,Profile %d,IS%04d,Section,,,,06/30/2026,06/01/2026,06/30/2026,06/01/2026,06/%02d/2026,Compute,DZH318Z0BQ4B,Virtual Machines Dsv3 Series,Microsoft.Compute,", n, n%10000, n%100, n%9, n%77, 1+n%30)
		fmt.Fprintf(&b, "32c9c69b-4e50-4d89-8ae2-5cc8%08x,Virtual Machines,Dv3/DSv3 Series,D2 v3/D2s v3,EU West,,1 Hour,%d.%d,0.096,0.096,0.%09d,0.%09d,EUR,USD,1.08,2026-06-01,0.%09d,0.%09d,westeurope,West Europe,rg-app-%d,", n, n%24, n%10, n%1000000, n%999999, n%777777, n%123456, n%500)
		fmt.Fprintf(&b, "/subscriptions/32c9c69b-4e50-4d89-8ae2-5cc819e5bea1/resourceGroups/rg-app-%d/providers/Microsoft.Compute/virtualMachines/vm-%d,", n%500, n%2000)
		fmt.Fprintf(&b, "\"{\"\"env\"\": \"\"prod\"\",\"\"owner\"\": \"\"team-%d\"\"}\",\"{\"\"UsageType\"\":\"\"ComputeHR\"\",\"\"VCPUs\"\":2}\",,,Usage,Azure,Microsoft,,,,OnDemand,,False,USD,,,,,,,Microsoft,,\n", n%40)
	}
	return b.Bytes()
}

// sampleRecord is an activity record of about 1250 bytes.
func sampleRecord(b *bytes.Buffer, n int) {
	fmt.Fprintf(b, `{"time":"2026-03-%02dT08:41:22.9867933Z","resourceId":"/SUBSCRIPTIONS/B5459D83-FBC4-4F1A-8A99-0E94821D%04d/RESOURCEGROUPS/RG-SHARED-%d/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-EDGE-%d","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE","category":"Administrative","resultType":"Success","resultSignature":"Succeeded.Created","durationMs":"%d","callerIpAddress":"203.0.113.10","correlationId":"eb2b45c7-cdde-4604-a2cb-%012d","identity":{"authorization":{"scope":"/subscriptions/b5459d83-fbc4-4f1a-8a99-0e94821d4606/resourceGroups/rg-shared-%d","action":"Microsoft.Compute/virtualMachines/write","evidence":{"role":"Contributor","roleAssignmentScope":"/subscriptions/b5459d83"}},"claims":{"aud":"https://management.core.windows.net/","iss":"https://sts.windows.net/1449d5b7/","iat":"1644375339","nbf":"1644375339","appid":"04b07795-8ddb-461a-bbee-02f9e1bf7b46","name":"deployer","ver":"1.0"}},"level":"Information","properties":{"statusCode":"Created","serviceRequestId":"d7bdf919-134e-4273-81eb-%012d","eventCategory":"Administrative","entity":"/subscriptions/b5459d83/resourceGroups/rg","message":"Microsoft.Compute/virtualMachines/write","hierarchy":"17ec9406/b5459d83"},"tenantId":"17ec9406-39bc-4bb0-a3a5-0f3e1d8a0000"}`, 1+n%28, n%10000, n%300, n%5000, n%900, n, n%300, n)
}

func sampleLines(records int) []byte {
	var b bytes.Buffer
	for n := range records {
		sampleRecord(&b, n)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func sampleDocument(records int) []byte {
	b := *bytes.NewBufferString(`{"value":[`)
	for n := range records {
		if n > 0 {
			b.WriteByte(',')
		}
		sampleRecord(&b, n)
	}
	b.WriteString(`],"nextLink":""}`)
	return b.Bytes()
}

func BenchmarkCSVBlocks(b *testing.B) {
	data := sampleCSV(50_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		c, err := NewCSV(bytes.NewReader(data), CSVOptions{})
		must(b, err)
		for {
			block, err := c.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			must(b, err)
			block.Release()
		}
	}
}

func benchmarkSplit(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	fields := 0
	for b.Loop() {
		c, err := NewCSV(bytes.NewReader(data), CSVOptions{})
		must(b, err)
		for {
			block, err := c.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			must(b, err)
			must(b, block.Each(func(_, _ int64, f [][]byte) error { fields += len(f); return nil }))
			block.Release()
		}
	}
}

// BenchmarkCSVSplit includes producing the blocks.
func BenchmarkCSVSplit(b *testing.B) { benchmarkSplit(b, sampleCSV(50_000)) }
func BenchmarkCSVSplitNoQuotes(b *testing.B) {
	benchmarkSplit(b, bytes.ReplaceAll(sampleCSV(50_000), []byte{'"'}, nil))
}

// BenchmarkCSVEach is the work of the parsing goroutine alone.
func BenchmarkCSVEach(b *testing.B) {
	c, err := NewCSV(bytes.NewReader(sampleCSV(1000)), CSVOptions{})
	must(b, err)
	block, err := c.Next()
	must(b, err)
	b.SetBytes(int64(len(block.data)))
	fields := 0
	for b.Loop() {
		must(b, block.Each(func(_, _ int64, f [][]byte) error { fields += len(f); return nil }))
	}
}

func benchmarkJSON(b *testing.B, data []byte, blocks bool) {
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		j := NewJSON(bytes.NewReader(data), JSONOptions{})
		for {
			var err error
			if blocks {
				var block *JSONBlock
				if block, err = j.NextBlock(); err == nil {
					must(b, block.Each(func(Value) error { return nil }))
					block.Release()
				}
			} else {
				_, err = j.Next()
			}
			if errors.Is(err, io.EOF) {
				break
			}
			must(b, err)
		}
	}
}

func BenchmarkJSONDocument(b *testing.B)       { benchmarkJSON(b, sampleDocument(30_000), false) }
func BenchmarkJSONDocumentBlocks(b *testing.B) { benchmarkJSON(b, sampleDocument(30_000), true) }
func BenchmarkJSONLines(b *testing.B)          { benchmarkJSON(b, sampleLines(30_000), false) }
func BenchmarkJSONLineBlocks(b *testing.B)     { benchmarkJSON(b, sampleLines(30_000), true) }
func BenchmarkJSONPretty(b *testing.B) {
	benchmarkJSON(b, bytes.ReplaceAll(sampleDocument(30_000), []byte(`,"`), []byte(",\n        \"")), false)
}

func BenchmarkLines(b *testing.B) {
	data := []byte(strings.Repeat("2026-03-05T08:41:22.986Z [DEBUG] provider: PUT /subscriptions/x HTTP/1.1\n", 100_000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		l := NewLines(bytes.NewReader(data), LineOptions{})
		for {
			if _, err := l.Next(); err != nil {
				break
			}
		}
	}
}

func benchmarkFile(b *testing.B, data []byte) {
	path := tempFile(b, data)
	out, buf := int64(0), make([]byte, 1<<20)
	for b.Loop() {
		f, err := Open(path, Limits{})
		must(b, err)
		out = 0
		r := f.Reader()
		for {
			n, err := r.Read(buf)
			out += int64(n)
			if errors.Is(err, io.EOF) {
				break
			}
			must(b, err)
		}
		must(b, f.Close())
	}
	b.SetBytes(out)
}

func BenchmarkFilePlain(b *testing.B) { benchmarkFile(b, sampleCSV(50_000)) }
func BenchmarkFileUTF16(b *testing.B) { benchmarkFile(b, utf16le(string(sampleCSV(20_000)))) }
func BenchmarkFileGzip(b *testing.B) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write(sampleCSV(50_000))
	must(b, err)
	must(b, w.Close())
	benchmarkFile(b, z.Bytes())
}
