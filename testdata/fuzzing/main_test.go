package main

import "testing"

func TestLate(t *testing.T) {
	for _, tc := range []struct {
		name, said string
		late       bool
	}{
		{"Go's race at the end of the time", "fuzz: elapsed: 5s, execs: 31843 (6587/sec), new interesting: 1 (total: 17)\n" +
			"--- FAIL: FuzzFormatDecimal (5.09s)\n    context deadline exceeded\nFAIL\nexit status 1\n", true},
		{"an input that fails", "--- FAIL: FuzzFormatDecimal (0.31s)\n    --- FAIL: FuzzFormatDecimal (0.00s)\n        dec_test.go:9: 1 is 2\n" +
			"    \n    Failing input written to testdata/fuzz/FuzzFormatDecimal/771e938e4458e983\nFAIL\nexit status 1\n", false},
		{"an input that fails with these words", "--- FAIL: FuzzFind (0.31s)\n    --- FAIL: FuzzFind (0.00s)\n        find_test.go:9: context deadline exceeded\n" +
			"    \n    Failing input written to testdata/fuzz/FuzzFind/771e938e4458e983\nFAIL\n", false},
		{"an input that hangs", "--- FAIL: FuzzFind (10.31s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\nFAIL\n", false},
	} {
		if got := late.MatchString(tc.said); got != tc.late {
			t.Errorf("%s: late is %t", tc.name, got)
		}
	}
}
