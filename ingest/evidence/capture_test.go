package evidence

import (
	"strings"
	"testing"
)

func TestCaptureBody(t *testing.T) {
	for columns, want := range map[string]string{
		"SequenceNumber,Offset,EnqueuedTimeUtc,SystemProperties,Properties,Body": "Body",
		"body,partition,offset,sequenceNumber,enqueuedTime":                      "body",
		"records,EventProcessedUtcTime,PartitionId,EventEnqueuedUtcTime":         "records",
		"Body,From,To":           "",
		"SequenceNumber,Payload": "",
	} {
		if got := CaptureBody(strings.Split(columns, ",")); got != want {
			t.Errorf("CaptureBody(%s) = %q, want %q", columns, got, want)
		}
	}
}

// TestEvents: a body is one record, several, a wrapper of them, or nothing that is known; what is broken is a reject of its event.
func TestEvents(t *testing.T) {
	const write = `{"time":"2026-03-05T10:16:32Z","resourceId":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG","operationName":"MICROSOFT.RESOURCES/SUBSCRIPTIONS/RESOURCEGROUPS/WRITE","category":"Administrative","resultType":"Success","correlationId":"c"}`
	read := strings.Replace(write, "/WRITE", "/READ", 1)
	for name, tt := range map[string]struct {
		body  string
		kinds map[string]int64
		says  string // of the reject
	}{
		"records":          {body: `{"records":[` + write + "," + read + `]}`, kinds: map[string]int64{"activity.write": 1, "activity.read": 1}},
		"one record":       {body: write, kinds: map[string]int64{"activity.write": 1}},
		"a BOM before":     {body: "\ufeff" + write, kinds: map[string]int64{"activity.write": 1}},
		"a list":           {body: "[" + write + "," + write + "]", kinds: map[string]int64{"activity.write": 2}},
		"JSON lines":       {body: write + "\n" + read + "\r\n" + write + "\n", kinds: map[string]int64{"activity.write": 2, "activity.read": 1}},
		"a JSON text":      {body: `"{\"records\":[{\"a\":1}]}"`, kinds: map[string]int64{"unknown": 1}},
		"no body":          {body: " ", kinds: map[string]int64{"event.no_body": 1}},
		"another sender":   {body: `{"temperature":21.5}`, kinds: map[string]int64{"unknown": 1}},
		"no JSON":          {body: "heartbeat", kinds: map[string]int64{"unknown": 1}},
		"binary":           {body: "\x1f\x8b\x08\x00", kinds: map[string]int64{"unknown": 1}},
		"cut":              {body: `{"records":[` + write + "," + write[:80], kinds: map[string]int64{"activity.write": 1}, says: "line 1 of the body"},
		"one line damaged": {body: write + "\n" + read[:50] + "\n" + write, kinds: map[string]int64{"activity.write": 2}, says: "line 2 of the body"},
	} {
		p, err := NewParser(Options{})
		if err != nil {
			t.Fatal(err)
		}
		sink := NewSink()
		p.Event(7, []byte(tt.body), sink)
		tally := p.Tally()
		for k, n := range tt.kinds {
			if tally.Kinds[k] != n {
				t.Errorf("%s: kinds %v, want %v", name, tally.Kinds, tt.kinds)
			}
		}
		switch {
		case tt.says == "" && len(tally.Rejects) > 0, tt.says != "" && len(tally.Rejects) != 1:
			t.Errorf("%s: rejects %+v", name, tally.Rejects)
		case tt.says != "":
			if r := tally.Rejects[0]; r.Record != 7 || r.Column != "Body" || !strings.Contains(r.Reason, tt.says) {
				t.Errorf("%s: reject %+v", name, r)
			}
		}
	}
}
