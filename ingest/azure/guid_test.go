package azure

import (
	"regexp"
	"testing"
)

func TestIsGUID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	good := []byte("0a1b2c3d-4E5F-6071-8a9b-cADbecfd0123")
	if !IsGUID(good) || !IsGUID(NilGUID) || IsGUID("") || IsGUID(NilGUID+"0") || IsGUID(NilGUID[1:]) {
		t.Error("a GUID has exactly 36 characters")
	}
	for i := range good {
		for c := range 256 {
			changed := append([]byte(nil), good...)
			changed[i] = byte(c)
			if got, want := IsGUID(changed), form.Match(changed); got != want {
				t.Errorf("IsGUID(%q) = %v, want %v", changed, got, want)
			}
		}
	}
}
