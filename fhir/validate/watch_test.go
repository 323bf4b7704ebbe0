package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// checked is Check, which must come to its end.
func checked(t testing.TB, v *Validator, r fhir.Resource, profiles ...string) []fault.Issue {
	t.Helper()
	issues, err := v.Check(r, profiles...)
	if err != nil {
		t.Error(err)
	}
	return issues
}

// after is closed when that time is over.
func after(d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	return done
}

// listOf is a list of n items.
func listOf(n int, item func(i int) string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(item(i))
	}
	return "[" + b.String() + "]"
}

// laborious are resources on which a check would take from half a second to hours.
func laborious() map[string]string {
	patient := func(i int) string { return `{"family":"a","given":["b","c"]}` }
	question := func(i int) string {
		return fmt.Sprintf(`{"linkId":"q%d","type":"choice","answerOption":[{"valueString":"x"}]}`, i)
	}
	answer := func(i int) string { return fmt.Sprintf(`{"linkId":"q%d","answer":[{"valueString":"x"}]}`, i) }
	when := func(i int) string { return `{"question":"other","operator":"exists","answerBoolean":true}` }
	leaf := func(i int) string { return fmt.Sprintf(`{"linkId":"l%d","type":"display"}`, i) }
	entry := func(i int) string {
		return `{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1","link":[{"other":{"reference":"Patient/1/_history/9"},"type":"refer"}]}}`
	}
	return map[string]string{
		"a patient of many names": `{"resourceType":"Patient","name":` + listOf(400_000, patient) + `}`,
		"answers": `{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"draft","item":` +
			listOf(100_000, question) + `}],"item":` + listOf(100_000, answer) + `}`,
		"conditions of a group": `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"other","type":"boolean"},{"linkId":"g","type":"group","enableBehavior":"all","enableWhen":` +
			listOf(30_000, when) + `,"item":` + listOf(30_000, leaf) + `}]}`,
		"one url many times": `{"resourceType":"Bundle","type":"collection","entry":` + listOf(40_000, entry) + `}`,
	}
}

func TestACheckEndsWhenTheTimeIsOver(t *testing.T) {
	const given, most = 30 * time.Millisecond, 300 * time.Millisecond
	for name, text := range laborious() {
		r, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := OnWrite(after(given), r); !fault.Is(err, fault.TimedOut) && time.Since(start) > most {
			t.Errorf("%s on write: %v after %s", name, err, time.Since(start))
		}
		start = time.Now()
		if _, err := New(Options{Done: after(given)}).Check(r); !fault.Is(err, fault.TimedOut) || time.Since(start) > most {
			t.Errorf("%s: %v after %s", name, err, time.Since(start))
		}
	}
}
