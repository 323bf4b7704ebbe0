package db

import "testing"

func TestNumbered(t *testing.T) {
	cases := map[string]string{
		"SELECT $1, $22":                  "SELECT ?1, ?22",
		"SELECT '$1', \"a$1\", $1":        "SELECT '$1', \"a$1\", ?1",
		"SELECT 'it''s $1' -- $1\n, $2":   "SELECT 'it''s $1' -- $1\n, ?2",
		"SELECT /* $1 */ $1, '$.a', $abc": "SELECT /* $1 */ ?1, '$.a', $abc",
		"SELECT 'open $1":                 "SELECT 'open $1",
		"SELECT $0, $":                    "SELECT $0, $",
		"-- $1":                           "-- $1",
	}
	for sql, want := range cases {
		if got := numbered(sql); got != want {
			t.Errorf("numbered(%q) = %q, want %q", sql, got, want)
		}
	}
}

func FuzzNumbered(f *testing.F) {
	f.Add("SELECT '$1', $2 -- $3\n/* $4 */")
	f.Fuzz(func(t *testing.T, sql string) {
		if got := numbered(sql); len(got) != len(sql) {
			t.Errorf("numbered(%q) = %q", sql, got)
		}
	})
}

func TestSkipBlank(t *testing.T) {
	cases := map[string]string{
		"":                             "",
		" ;; -- a\n /* ; */\tSELECT 1": "SELECT 1",
		"-- only a comment":            "",
		"/* open":                      "",
		"-1":                           "-1",
	}
	for sql, want := range cases {
		if got := skipBlank(sql); got != want {
			t.Errorf("skipBlank(%q) = %q, want %q", sql, got, want)
		}
	}
}
