package arm

import (
	"testing"
)

func TestWords(t *testing.T) {
	for name, want := range map[string]bool{
		"enableTelemetry": true, "telemetryOptOut": true, "parOptOut": true, "enablePidTracking": true, "CUA_disabled": true,
		"rapidDeploy": false, "singlePlatformSubscriptionId": false, "option": false, "usageAttributionId": true,
	} {
		if got := HasWord(name, "consent"); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
