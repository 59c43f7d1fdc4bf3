package guid

import (
	"regexp"
	"testing"
)

func TestIs(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	good := []byte("0a1b2c3d-4E5F-6071-8a9b-cADbecfd0123")
	if !Is(good) || !Is(Nil) || Is("") || Is(Nil+"0") || Is(Nil[1:]) {
		t.Error("a GUID has exactly 36 characters")
	}
	for i := range good {
		for c := range 256 {
			changed := append([]byte(nil), good...)
			changed[i] = byte(c)
			if got, want := Is(changed), form.Match(changed); got != want {
				t.Errorf("Is(%q) = %v, want %v", changed, got, want)
			}
		}
	}
}
