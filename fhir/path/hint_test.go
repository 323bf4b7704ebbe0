package path

import (
	"strings"
	"testing"
)

func TestADateMovedByAUCUMYearIsToldOfTheCalendar(t *testing.T) {
	for text, want := range map[string]string{
		"@2020-01-01 + 1 'a'": "such as 1 year", "@2020-01-01 - 2 'mo'": "such as 1 month",
	} {
		e, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Eval(&Context{}, Root(parsed(t, []byte(patient)))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
