package report

import (
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// folderOf says where the reports of a manifest are.
func folderOf(dir string, o Options, m *Manifest) *summary.Folder {
	f := &summary.Folder{Dir: dir, Reports: len(m.Reports), Formats: o.formats(spec.Report{})}
	for _, d := range m.Documents {
		f.Formats = append(f.Formats, d.Format)
	}
	for _, r := range m.Reports {
		f.Rows += r.Rows
	}
	for _, file := range m.files() {
		f.Files++
		f.Bytes += file.Bytes
	}
	return f
}
