package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/spec"
)

// focusFolder is the folder of attributed usage as FOCUS. Below it are the names that FinOps hubs expect in their container `ingestion`:
// dataset/year/month/scope/ingestion__file.parquet, and beside the file an empty manifest that says that the month is whole.
const (
	focusFolder  = "focus"
	focusDataset = "AttributedUsage"
	usageReport  = "attributed_usage"
)

// focus writes attributed usage as FOCUS, one file for each month. The name of a file follows from what is in it, so that a month that has not
// changed keeps its file, and a hub knows which one replaces which.
func (f *filler) focus(ctx context.Context, manifest *Manifest) error {
	byMonth := map[string][]ManifestFile{}
	var months []string
	for _, file := range f.usageFiles() {
		month := monthOf(file)
		if byMonth[month] == nil {
			months = append(months, month)
		}
		byMonth[month] = append(byMonth[month], file)
	}
	manifest.Focus = &ManifestReport{Report: usageReport, Files: []ManifestFile{}}
	for _, month := range months {
		if err := f.focusMonth(ctx, month, byMonth[month], manifest.Focus); err != nil {
			return fmt.Errorf("month %s: %w", month, err)
		}
	}
	return nil
}

// focusMonth writes one month, or links the file of the reports before.
func (f *filler) focusMonth(ctx context.Context, month string, parts []ManifestFile, entry *ManifestReport) error {
	content := sha256.New()
	content.Write([]byte(queries.FocusVersion()))
	var from []string
	for _, part := range parts {
		content.Write([]byte(part.SHA256))
		from = append(from, f.snapshot.path(filepath.FromSlash(part.Path)))
	}
	folder := path.Join(focusFolder, focusDataset, strings.ReplaceAll(month, "-", "/"), generator)
	rel := folder + "/" + hex.EncodeToString(content.Sum(nil))[:16] + "__" + usageReport + "." + spec.Parquet
	to := filepath.Join(f.fresh, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, known := f.oldFocus(rel)
	if known {
		if err := linkOrCopy(filepath.Join(f.dir, filepath.FromSlash(rel)), to); err != nil {
			return err
		}
	} else {
		rows, err := f.engine.WriteFocus(ctx, from, to)
		if err != nil {
			return err
		}
		if file, err = measure(f.fresh, rel, spec.Parquet); err != nil {
			return err
		}
		file.Rows = &rows
	}
	whole := folder + "/" + ManifestName
	if err := os.WriteFile(filepath.Join(f.fresh, filepath.FromSlash(whole)), nil, 0o600); err != nil {
		return err
	}
	marker, err := measure(f.fresh, whole, "")
	if err != nil {
		return err
	}
	entry.Rows += *file.Rows
	entry.Files = append(entry.Files, file, marker)
	return nil
}

// oldFocus finds the file in the old reports, if it is whole.
func (f *filler) oldFocus(rel string) (ManifestFile, bool) {
	if f.old == nil || f.old.Focus == nil {
		return ManifestFile{}, false
	}
	i := slices.IndexFunc(f.old.Focus.Files, func(file ManifestFile) bool { return file.Path == rel && file.Rows != nil })
	if i < 0 {
		return ManifestFile{}, false
	}
	file := f.old.Focus.Files[i]
	return file, file.verify(filepath.Join(f.dir, filepath.FromSlash(rel)), true) == nil
}
