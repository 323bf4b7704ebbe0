package app

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/move"
)

func TestARunAdvisesToDeleteOnlyWhatIsStillHere(t *testing.T) {
	for _, x := range []struct {
		result  move.Result
		says    string
		advises bool
	}{
		{move.Result{}, "0 rows of root tables", false},
		{move.Result{Vanished: 3, Standing: 5}, "5 resources and records of them are still here", true},
		{move.Result{Vanished: 3}, "nothing of them is left here", false},
		{move.Result{Vanished: 3, Standing: 1, Deleted: 4, Left: 1}, "1 left, because they were changed here or others refer to them", true},
	} {
		var out bytes.Buffer
		printMoved(&out, x.result)
		if text := out.String(); !strings.Contains(text, x.says) || strings.Contains(text, "--delete-vanished") != x.advises {
			t.Errorf("%+v: %s", x.result, text)
		}
	}
}

func TestTheStatusSaysThatARunMayBeBrokenOff(t *testing.T) {
	for _, state := range []ledger.RunState{ledger.Running, ledger.Stopped, ledger.Done} {
		var out bytes.Buffer
		printRun(&out, runStatus{State: state.String()})
		if strings.Contains(out.String(), "it was broken off") != (state == ledger.Running) {
			t.Errorf("%s: %s", state, out.String())
		}
	}
}
