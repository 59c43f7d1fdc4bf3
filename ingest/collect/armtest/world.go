package armtest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// record is a record of evidence as it is answered.
type record struct {
	raw  json.RawMessage
	key  string    // id in lower case; of operations that of their deployment
	time time.Time // of what it tells
	seen time.Time // from when on Azure shows it
}

// World is what a server has.
type World struct {
	Subscriptions                              []string
	ManagementGroups                           []string
	deployments, operations, activity, changes []record
}

// members are those that tell what a record is.
type members struct {
	ID             string    `json:"id"`
	SubscriptionID string    `json:"subscriptionId"`
	EventTimestamp time.Time `json:"eventTimestamp"`
	Properties     struct {
		CorrelationID         string    `json:"correlationId"`
		ProvisioningOperation string    `json:"provisioningOperation"`
		Timestamp             time.Time `json:"timestamp"`
		TargetResourceID      string    `json:"targetResourceId"`
		ChangeAttributes      struct {
			Timestamp time.Time `json:"timestamp"`
		} `json:"changeAttributes"`
	} `json:"properties"`
}

// Add adds a record as the REST interfaces answer it, which is seen from a time on. Records of any other kind are refused.
func (w *World) Add(raw json.RawMessage, seen time.Time) bool {
	var m members
	if json.Unmarshal(raw, &m) != nil {
		return false
	}
	id := strings.ToLower(m.ID)
	deployment, _, operation := strings.Cut(id, "/operations/")
	r := record{raw: raw, key: id, seen: seen}
	subscription := id
	switch {
	case !m.EventTimestamp.IsZero() && id != "":
		r.time = m.EventTimestamp
		w.activity = append(w.activity, r)
	case m.Properties.TargetResourceID != "":
		subscription = strings.ToLower(m.Properties.TargetResourceID)
		r.key, r.time = subscription, m.Properties.ChangeAttributes.Timestamp
		w.changes = append(w.changes, r)
	case operation && m.Properties.ProvisioningOperation != "":
		r.key, r.time = deployment, m.Properties.Timestamp
		w.operations = append(w.operations, r)
	case m.Properties.CorrelationID != "" && strings.Contains(id, "/microsoft.resources/deployments/"):
		r.time = m.Properties.Timestamp
		w.deployments = append(w.deployments, r)
	default:
		return false
	}
	parts := strings.Split(subscription, "/")
	switch {
	case len(parts) > 2 && parts[1] == "subscriptions" && !slices.Contains(w.Subscriptions, parts[2]):
		w.Subscriptions = append(w.Subscriptions, parts[2])
	case len(parts) > 4 && parts[3] == "managementgroups" && !slices.Contains(w.ManagementGroups, parts[4]):
		w.ManagementGroups = append(w.ManagementGroups, parts[4])
	}
	return true
}

// day is the date in the name of an export.
var day = regexp.MustCompile(`^20\d{6}`)

// Load takes the records of the JSON files of a folder that have the form of the REST interfaces, and copies all other files to a folder. What
// was exported on a day is seen from its end on. It gives these days.
func Load(t testing.TB, from, rest string) (*World, []time.Time) {
	t.Helper()
	w := &World{}
	var days []time.Time
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var seen time.Time
		if m := day.FindString(d.Name()); m != "" {
			if seen, err = time.Parse("20060102", m); err == nil {
				seen = seen.AddDate(0, 0, 1)
			} else {
				seen = time.Time{}
			}
		}
		if records := recordsOf(data); records != nil && taken(w, records, seen) {
			if !seen.IsZero() && !slices.Contains(days, seen) {
				days = append(days, seen)
			}
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(rest, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
		info, err := d.Info() // plain cost files are told apart by their time
		if err != nil {
			return err
		}
		return os.Chtimes(to, info.ModTime(), info.ModTime())
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(days, time.Time.Compare)
	return w, days
}

// recordsOf are the records of a file; nil: it is none of REST.
func recordsOf(data []byte) []json.RawMessage {
	list := []json.RawMessage{}
	if json.Unmarshal(data, &list) == nil {
		return list
	}
	var page struct {
		Value []json.RawMessage `json:"value"`
		Data  []json.RawMessage `json:"data"`
	}
	if json.Unmarshal(data, &page) != nil || page.Value == nil && page.Data == nil {
		return nil
	}
	return append(page.Value, page.Data...)
}

// taken tells whether the world took the records of a file: all of them, or none.
func taken(w *World, records []json.RawMessage, seen time.Time) bool {
	before := *w
	for _, r := range records {
		if !w.Add(r, seen) {
			*w = before
			return false
		}
	}
	return true
}
