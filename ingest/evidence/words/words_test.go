package words

import "testing"

func TestStatus(t *testing.T) {
	v := Read()
	for in, want := range map[string]string{
		"Started": "started", "Start": "started", "Accepted": "accepted", "Accept": "accepted", "Succeeded": "succeeded", "Success": "succeeded",
		"Succeeded.": "succeeded", "SUCCESS": "succeeded", " Failed ": "failed", "Failure": "failed", "In Progress": "other", "Active": "other",
		"Resolved": "other", "Updated": "other", "Canceled": "other", "": "", " ": "", "...": "",
	} {
		if got := v.Status([]byte(in)); got != want {
			t.Errorf("Status(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHTTPCode(t *testing.T) {
	v := Read()
	for in, want := range map[string]int64{
		"Created": 201, "OK": 200, "ok": 200, "Accepted": 202, "NoContent": 204, "No Content": 204, "Conflict": 409, "TooManyRequests": 429,
		"Succeeded.NoContent": 204, "Failed.NotFound": 404, "Started.": 0, "Succeeded.": 0, "OK (HTTP Status Code: 200)": 200,
		"Created (HTTP Status Code: 201)": 201, "200": 200, "201 Created": 201, "2000": 0, "99": 0, "999": 0, "OK (200)": 200, "Odd (1200)": 0,
		"": 0, "(201)": 201, "a.b.Created": 201, "Unheard Of": 0, ")": 0, "200OK": 0,
	} {
		if got := v.HTTPCode([]byte(in)); got != want {
			t.Errorf("HTTPCode(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	v := Read()
	for in, want := range map[string]bool{
		"REDACTED": true, "00000000-0000-0000-0000-000000000000": true, "None": true, "-": true, "Sanitized": true, "null": true,
		"": false, "00000000-0000-0000-0000-000000000001": false, "redacted-1": false, "something": false,
	} {
		if got := v.Placeholder([]byte(in)); got != want {
			t.Errorf("Placeholder(%q) = %v", in, got)
		}
	}
}
