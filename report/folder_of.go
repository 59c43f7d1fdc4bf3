package report

import (
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// folderOf says where the reports of a manifest are.
func folderOf(dir string, o Options, m *Manifest) *summary.Folder {
	f := &summary.Folder{Dir: dir, Reports: len(m.Reports), Formats: o.formats(spec.Report{}), Files: len(m.Documents)}
	for _, d := range m.Documents {
		f.Formats = append(f.Formats, d.Format)
		f.Bytes += d.Bytes
	}
	for _, r := range m.Reports {
		f.Rows += r.Rows
		f.Files += len(r.Files)
		for _, file := range r.Files {
			f.Bytes += file.Bytes
		}
	}
	return f
}
