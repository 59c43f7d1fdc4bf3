package evidence

import "testing"

func TestSchemaReadsItsData(t *testing.T) {
	s := newSchema()
	for _, name := range []string{"deployment", "operation", "activity", "resourcelog", "loganalytics", "portal", "change", "request"} {
		if s.families[name] == nil {
			t.Errorf("fields.csv has no family %s", name)
		}
	}
}

func TestCanonicalName(t *testing.T) {
	for in, want := range map[string]string{
		"eventTimestamp": "eventtimestamp", "event_timestamp": "eventtimestamp", "EventTimestamp": "eventtimestamp", "Correlation id": "correlationid",
		"TimeGenerated [UTC]": "timegenerated", "_ResourceId": "_resourceid", "ResourceId": "resourceid", "User-Agent": "useragent", "\ufeffTime": "time",
		"cs(User-Agent)": "cs(useragent)", "userAgent_s": "useragents", "": "", "_": "_",
	} {
		if got := canonicalName(in); got != want {
			t.Errorf("canonicalName(%q) = %q, want %q", in, got, want)
		}
	}
}
