package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Variant tells manifests apart.
type Variant string

// The known manifests (cost-exports.md 1.2). The last two belong to other services; they are recognised in order to be refused.
const (
	Partitioned   Variant = "2021-01-01"    // no exportConfig, no runInfo: the path says the rest
	Preview       Variant = "preview"       // exportConfig and runInfo, no manifestVersion, often no counts
	Current       Variant = "2024-04-01"    // the same with manifestVersion; counts may be null
	CostDetails   Variant = "costdetails"   // Cost Details API report: blobs are download links
	PartnerCenter Variant = "partnercenter" // Partner Center / Graph billing export: blobs of another store
)

// ErrNotManifest is returned for JSON that is not a manifest of any kind; the file may be anything else.
var ErrNotManifest = errors.New("not an export manifest")

// ErrEmptyManifest is returned for a file that is empty or blank. It counts as missing: it may still be on its way, or only serve as a signal (in
// the ingestion container of FinOps hubs).
var ErrEmptyManifest = errors.New("empty manifest")

// ManifestError is a manifest that cannot be used.
type ManifestError struct {
	Path   string
	Field  string // JSON path such as runInfo.startDate, empty for the whole file
	Value  string // as written, cut to 200 bytes
	Reason string
}

func (e *ManifestError) Error() string {
	var b strings.Builder
	b.WriteString("manifest " + e.Path + ": ")
	if e.Field != "" {
		b.WriteString(e.Field + " ")
	}
	if e.Value != "" {
		fmt.Fprintf(&b, "%q ", e.Value)
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Manifest is one parsed manifest. Counts are nil when absent or null: unknown, never 0.
type Manifest struct {
	Path    string
	Variant Variant
	Version string // manifestVersion as written

	// Scope is the billing scope in lower case with a leading slash. If the manifest names none, it is "folder:" and the folder that holds the
	// export, so that exports of the same name in two folders stay apart.
	Scope       string
	ExportName  string
	Type        string // ActualCost, AmortizedCost, FocusCost, Usage, ...; empty when unknown
	DataVersion string
	TimeFrame   string
	RunID       string    // lower case; the run's folder when there is no id
	Submitted   time.Time // UTC; zero when neither manifest nor path tells: the modification time is used instead
	Start, End  Day       // declared range, both included

	ByteCount    *int64
	DataRowCount *int64
	Blobs        []Blob

	// Refused says why the manifest is not one of usage; it is empty for a usable manifest. See Foreign and NoUsage.
	Refused string
}

// Blob is one data file of a manifest.
type Blob struct {
	Name         string // relative to the container, cleaned: no blanks around parts, no empty parts
	ByteCount    *int64
	DataRowCount *int64
}

// Foreign reports whether the manifest belongs to another service: it says nothing about the files beside it.
func (m Manifest) Foreign() bool { return m.Variant == CostDetails || m.Variant == PartnerCenter }

// NoUsage reports whether the export's files are known to hold no usage.
func (m Manifest) NoUsage() bool { return m.Refused != "" && !m.Foreign() }

// IsManifest reports whether a file name is one that manifests have (manifest.json, _manifest.json).
func IsManifest(path string) bool {
	return strings.HasSuffix(strings.ToLower(baseOf(path)), "manifest.json")
}

type rawManifest struct {
	ManifestVersion text
	BlobCount       count
	ByteCount       count
	DataRowCount    count
	Blobs           *[]rawBlob
	ExportConfig    *struct {
		ExportName, ResourceID, DataVersion, Type, TimeFrame text
	}
	RunInfo *struct {
		SubmittedTime, RunID, StartDate, EndDate text
	}

	// Cost Details API, bare or as an operation result.
	Manifest, RequestContext, RequestBody, CompressData, ValidTill json.RawMessage
	// Partner Center and Graph, bare or as an operation result.
	RootDirectory, RootFolder, RootFolderSAS, SASToken, ResourceLocation json.RawMessage
}

type rawBlob struct {
	BlobName                text
	ByteCount, DataRowCount count
	BlobLink                text
}

// ParseManifest reads a manifest. path is the manifest's own path as listed; folder facts come from it where the
// manifest is silent. A manifest of another service, or of an export that holds no usage, is returned with Refused set.
// The error is ErrNotManifest, ErrEmptyManifest, or a *ManifestError for a damaged or contradictory manifest.
func ParseManifest(path string, data []byte) (Manifest, error) {
	fail := func(field, value, reason string) (Manifest, error) {
		return Manifest{}, &ManifestError{Path: path, Field: field, Value: cut(value), Reason: reason}
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 {
		return Manifest{}, fmt.Errorf("%s: %w", path, ErrEmptyManifest)
	}
	var raw rawManifest
	if data[0] != '{' {
		return Manifest{}, fmt.Errorf("%s: %w", path, ErrNotManifest)
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fail("", "", fmt.Sprintf("is damaged at byte %d (%v): it may still be on its way", syntax.Offset, syntax))
		}
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return fail(kind.Field, "", "is a JSON "+kind.Value+"; no manifest has that there")
		}
		return fail("", "", "cannot be read: "+err.Error())
	}

	m := Manifest{Path: path, Version: string(raw.ManifestVersion)}
	if m.Variant = variantOf(raw); m.Variant == "" {
		return Manifest{}, fmt.Errorf("%s: %w", path, ErrNotManifest)
	}
	switch m.Variant {
	case CostDetails:
		m.Refused = "manifest of a Cost Details API report: its blobs are download links, not files; the downloaded CSV files are read by themselves"
		return m, nil
	case PartnerCenter:
		m.Refused = "manifest of a Partner Center billing export, not of a cost export; its downloaded data files are read by themselves"
		return m, nil
	}

	at := PathFacts(path)
	if raw.Blobs != nil && !at.usable() {
		// The blob names hold the run's folders, too. If the listing starts inside the month folder, they are found only there.
		for _, b := range *raw.Blobs {
			if parts, ok := cleanBlobName(string(b.BlobName)); ok {
				at = at.or(PathFacts(strings.Join(parts, "/")))
				break
			}
		}
	}
	if c := raw.ExportConfig; c != nil {
		m.Scope, m.ExportName = splitExportID(string(c.ResourceID))
		if c.ExportName != "" {
			m.ExportName = string(c.ExportName)
		}
		m.Type, m.DataVersion, m.TimeFrame = canonicalType(string(c.Type)), string(c.DataVersion), string(c.TimeFrame)
	}
	if m.ExportName == "" {
		m.ExportName = at.Export
	}
	if m.Scope == "" {
		m.Scope = folderScope(at.Dir)
	}
	if NoUsage(m.Type) {
		m.Refused = fmt.Sprintf("export type %s holds %s, no usage", m.Type, tables().types[strings.ToLower(m.Type)].holds)
	}

	m.ByteCount, m.DataRowCount = raw.ByteCount.n, raw.DataRowCount.n
	if raw.Blobs == nil {
		return fail("blobs", "", "is missing: it says which files belong to the run")
	}
	seen := map[string]bool{}
	for i, b := range *raw.Blobs {
		field := fmt.Sprintf("blobs[%d].blobName", i)
		parts, ok := cleanBlobName(string(b.BlobName))
		if !ok {
			return fail(field, string(b.BlobName), "names no file below the container")
		}
		name := strings.Join(parts, "/")
		if seen[name] {
			return fail(field, name, "is listed twice")
		}
		seen[name] = true
		m.Blobs = append(m.Blobs, Blob{Name: name, ByteCount: b.ByteCount.n, DataRowCount: b.DataRowCount.n})
	}
	if len(m.Blobs) == 0 && (positive(m.ByteCount) || positive(m.DataRowCount) || positive(raw.BlobCount.n)) {
		return fail("blobs", "", "is empty, but the manifest counts data")
	}

	var startText, endText string
	if r := raw.RunInfo; r != nil {
		m.RunID = strings.ToLower(string(r.RunID))
		startText, endText = string(r.StartDate), string(r.EndDate)
		if s := string(r.SubmittedTime); s != "" {
			t, ok := parseTime(s)
			if !ok {
				return fail("runInfo.submittedTime", s, "is not a time")
			}
			m.Submitted = t
		}
	}
	if m.RunID == "" {
		m.RunID = at.RunID
	}
	if m.RunID == "" {
		m.RunID = dirOf(path)
	}
	if m.Submitted.IsZero() {
		m.Submitted = at.Taken
	}
	if m.Refused != "" {
		return m, nil // the dates of a price sheet do not matter
	}
	return m, m.setRange(startText, endText, at)
}

// setRange sets the declared range, from runInfo or else from the YYYYMMDD-YYYYMMDD folder. A run that replaces its whole month needs no end date;
// any other run does.
func (m *Manifest) setRange(startText, endText string, at Facts) error {
	fail := func(field, value, reason string) error {
		return &ManifestError{Path: m.Path, Field: field, Value: cut(value), Reason: reason}
	}
	if m.Variant == Partitioned && m.TimeFrame == "" && at.RangeFolder != "" {
		m.TimeFrame = frameOf(at.Range)
	}
	var ok bool
	if startText != "" {
		if m.Start, ok = parseDay(startText); !ok {
			return fail("runInfo.startDate", startText, "is not a date")
		}
	} else if at.RangeFolder != "" {
		m.Start = at.Range.From
	} else {
		return fail("runInfo.startDate", "", "is missing, and there is no folder YYYYMMDD-YYYYMMDD to take it from: the month is unknown")
	}
	switch {
	case endText != "":
		if m.End, ok = parseDay(endText); !ok {
			return fail("runInfo.endDate", endText, "is not a date")
		}
	case at.RangeFolder != "" && startText == "":
		m.End = at.Range.To
	case reachOf(m.TimeFrame) != reachDays:
		m.End = m.Start.LastOfMonth()
	default:
		return fail("runInfo.endDate", "", "is missing: the days that this run replaces are unknown")
	}
	if m.End < m.Start {
		return fail("runInfo.endDate", endText, "is before startDate "+m.Start.String())
	}
	return nil
}

func variantOf(raw rawManifest) Variant {
	has := func(values ...json.RawMessage) bool {
		for _, v := range values {
			if len(v) > 0 && string(v) != "null" {
				return true
			}
		}
		return false
	}
	if has(raw.RootDirectory, raw.RootFolder, raw.RootFolderSAS, raw.SASToken, raw.ResourceLocation) {
		return PartnerCenter
	}
	if raw.ExportConfig != nil || raw.RunInfo != nil {
		if raw.ManifestVersion == "" {
			return Preview
		}
		return Current
	}
	if has(raw.RequestContext, raw.RequestBody, raw.CompressData, raw.ValidTill) {
		return CostDetails
	}
	if has(raw.Manifest) {
		var inner rawManifest
		if json.Unmarshal(raw.Manifest, &inner) == nil && inner.Manifest == nil {
			return variantOf(inner)
		}
		return ""
	}
	if raw.Blobs == nil {
		return ""
	}
	named := len(*raw.Blobs) == 0 && raw.ManifestVersion != ""
	for _, b := range *raw.Blobs {
		if b.BlobLink != "" {
			return CostDetails
		}
		named = named || b.BlobName != ""
	}
	if named {
		return Partitioned
	}
	return ""
}

// usable reports whether the path alone dates the run.
func (f Facts) usable() bool { return f.RangeFolder != "" }

// or fills in what f lacks from other facts. f keeps its own folder, which tells two copies of a container apart.
func (f Facts) or(o Facts) Facts {
	if f.RangeFolder == "" {
		f.Range, f.RangeFolder, f.Export = o.Range, o.RangeFolder, o.Export
	}
	if f.Taken.IsZero() {
		f.Taken = o.Taken
	}
	if f.RunID == "" {
		f.RunID = o.RunID
	}
	return f
}

// exportMarker separates scope and name in an export's resource id.
const exportMarker = "/providers/microsoft.costmanagement/exports/"

// splitExportID cuts an export's resource id into scope (lower case, one leading slash) and export name.
func splitExportID(id string) (scope, name string) {
	id = "/" + strings.Trim(strings.TrimSpace(id), "/")
	if at := strings.Index(strings.ToLower(id), exportMarker); at >= 0 && len(strings.ToLower(id)) == len(id) {
		id, name = id[:at], id[at+len(exportMarker):]
	}
	if id == "/" || id == "" {
		return "", name
	}
	return strings.ToLower(id), name
}

// folderScope stands in for a scope that nothing names. The prefix keeps it from being taken for a billing scope.
func folderScope(dir string) string { return "folder:" + dir }

// canonicalType writes a known export type as Azure documents it, so that one export has one spelling.
func canonicalType(t string) string {
	if known, ok := tables().types[strings.ToLower(t)]; ok {
		return known.name
	}
	return t
}

// cleanBlobName splits a blob name into its parts, dropping empty parts and the blanks that Azure's own examples contain. A name that could leave
// the container (`..`, a drive, a URL, a backslash) is refused.
func cleanBlobName(name string) (parts []string, ok bool) {
	if strings.ContainsAny(name, "\\\x00") || strings.Contains(name, "://") {
		return nil, false
	}
	for part := range strings.SplitSeq(name, "/") {
		part = strings.TrimSpace(part)
		switch {
		case part == "..", len(parts) == 0 && len(part) == 2 && part[1] == ':':
			return nil, false
		case part == "", part == ".":
			continue
		}
		parts = append(parts, part)
	}
	return parts, len(parts) > 0
}

func positive(n *int64) bool { return n != nil && *n > 0 }

// cut shortens a value for a message.
func cut(value string) string {
	const most = 200
	if len(value) > most {
		return strings.ToValidUTF8(value[:most], "")
	}
	return value
}
