package identify

import (
	"bytes"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
)

func matchManifest(h *head) (string, string, bool) {
	if len(h.values) != 1 || !h.values[0].Exists("blobs") {
		return "", "", false
	}
	if _, err := export.ParseManifest(h.file.Path, h.file.Head()); err != nil {
		return "", "", false
	}
	return "", "it lists the blobs of an export run; those are not beside it", true
}

// matchCapture claims every file with the columns of a capture, whatever its events are: others may write to the same hub.
func matchCapture(h *head) (string, string, bool) {
	if h.events == "" {
		return "", "", false
	}
	shape, reason, known := matchEvidenceJSON(h)
	if !known {
		return "", "events of Event Hubs in the column " + h.events, true
	}
	return shape, "events of Event Hubs in the column " + h.events + ": " + reason, true
}

func matchUsageJSON(h *head) (string, string, bool) {
	for _, v := range h.values {
		if s, ok := usage.DetectJSON(v); ok {
			h.usage = s
			return s.Kind, s.Reason, true
		}
	}
	return "", "", false
}

func matchUsageHeader(h *head) (string, string, bool) {
	if len(h.header) == 0 {
		return "", "", false
	}
	s, ok := usage.DetectHeader(h.header)
	if !ok {
		if s.Resembles {
			h.why = s.Reason
		}
		return "", "", false
	}
	h.usage = s
	return s.Kind, s.Reason, true
}

func matchEvidenceJSON(h *head) (string, string, bool) {
	for _, v := range h.values {
		for _, v := range []*fastjson.Value{v, heldEvent(v)} {
			if v == nil {
				continue
			}
			if shape, reason, ok := evidence.DetectJSON(v); ok {
				return shape, reason, true
			}
		}
	}
	return "", "", false
}

// heldEvent returns the first record in the body of an event that a consumer of Event Hubs wrote down; nil when it is not such an event.
func heldEvent(v *fastjson.Value) *fastjson.Value {
	for _, name := range []string{"Body", "body"} {
		if body := v.Get(name); body != nil {
			return firstRecord(unwrap(body))
		}
	}
	return nil
}

// firstRecord returns the first record of a list or wrapper, else v itself.
func firstRecord(v *fastjson.Value) *fastjson.Value {
	if held := v.Get("records"); held != nil && held.Type() == fastjson.TypeArray {
		v = held
	}
	if list, err := v.Array(); err == nil && len(list) > 0 {
		return list[0]
	}
	return v
}

// matchJSONLog recognises a log with a JSON object on each line; output of other programs may come in between.
func matchJSONLog(h *head) (string, string, bool) {
	shape, reason, ok := matchEvidenceJSON(h)
	return shape, reason, ok && h.lines && shape == "ua.tfjson"
}

func matchEvidenceHeader(h *head) (string, string, bool) {
	if len(h.header) == 0 {
		return "", "", false
	}
	if detail, reason, ok := evidence.DetectHeader(h.header); ok || !evidence.IsGraphHeader(h.header) {
		return detail, reason, ok
	}
	return evidence.DetectGraph(h.header, h.firstRows())
}

// firstRows reads the first rows of a CSV file, or none if they cannot be read.
func (h *head) firstRows() (rows [][]string) {
	if h.file.Kind != source.KindText {
		return nil
	}
	c, err := source.NewCSV(bytes.NewReader(h.file.Head()), source.CSVOptions{HeaderLine: h.line})
	if err != nil {
		return nil
	}
	b, err := c.Next()
	if err != nil {
		return nil
	}
	defer b.Release()
	_ = b.Each(func(_, _ int64, fields [][]byte) error { // a broken row ends the search
		row := make([]string, len(fields))
		for i, f := range fields {
			row[i] = string(f)
		}
		rows = append(rows, row)
		if len(rows) == headElements {
			return errEnough
		}
		return nil
	})
	return rows
}

func matchRegistry(h *head) (string, string, bool) {
	kind, ok := registry.DetectHeader(h.header)
	return "", "the columns of " + kind + ": name it in the config to use it", ok
}

func matchEmpty(h *head) (string, string, bool) {
	if h.file.Kind == source.KindJSON && len(h.values) == 0 {
		return "", "valid but empty: it does not show what kind its records would be", true
	}
	return "", "", false
}

func matchText(h *head) (string, string, bool) {
	if h.file.Kind != source.KindText {
		return "", "", false
	}
	return evidence.DetectText(h.file.Head())
}
