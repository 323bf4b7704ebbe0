package mapping

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestIdsAreThoseOfTheStandard(t *testing.T) {
	want := uuid.NewSHA1(uuid.NameSpaceDNS, []byte("opal|OpalDB.Patient|51")).String()
	if got := newID(uuid.NameSpaceDNS, "opal", "OpalDB.Patient", "", "51"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	want = uuid.NewSHA1(uuid.NameSpaceDNS, []byte(`s|t|a\|b|c\\#slot`)).String()
	if got := newID(uuid.NameSpaceDNS, "s", "t", "slot", "a|b", `c\`); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestNoTwoKeysShareAName draws pairs of keys of two parts; only equal ones may have the same id.
func TestNoTwoKeysShareAName(t *testing.T) {
	part := rapid.StringMatching(`[ab|#\\]{0,4}`)
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c, d := part.Draw(rt, "a"), part.Draw(rt, "b"), part.Draw(rt, "c"), part.Draw(rt, "d")
		same := newID(uuid.Nil, "s", "t", "", a, b) == newID(uuid.Nil, "s", "t", "", c, d)
		if same != (a == c && b == d) {
			rt.Fatalf("%q %q and %q %q: %v", a, b, c, d, same)
		}
	})
}

func TestNamesOfColumnsInUrls(t *testing.T) {
	for name, want := range map[string]string{
		"PatientSerNum": "patient-ser-num", "TelNum": "tel-num", "SSN": "ssn", "EnableSMS": "enable-sms", "Is_Active": "is-active",
		"BIO_EN": "bio-en", "appVersion": "app-version", "masterSourceAliasId": "master-source-alias-id", "MRN": "mrn", "URLType": "url-type", "x1Y": "x1-y",
	} {
		if got := hyphens(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTelephoneNumbers(t *testing.T) {
	for in, want := range map[string]string{"5145550142": "+15145550142", "61292507111": "", "1145550142": "", "514555014": "", "514555014x": "", "": ""} {
		got, ok := e164(in, "CA")
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", in, got, ok)
		}
		if back, ok := national(got); ok && back != in {
			t.Errorf("%q came back as %q", in, back)
		}
	}
	if _, ok := e164("5145550142", "FR"); ok {
		t.Error("a number of a region that is not known")
	}
	if _, ok := national("5145550142"); ok {
		t.Error("a national number was taken for an international one")
	}
}

func TestAges(t *testing.T) {
	for _, c := range []struct {
		born, at string
		want     int
	}{
		{"1984-02-29", "2023-02-28", 38}, {"1984-02-29", "2023-03-01", 39}, {"1984-02-29", "2024-02-29 10:00:00", 40},
		{"2000-06-15 00:00:00", "2024-06-14", 23}, {"2000-06-15", "2024-06-15", 24}, {"2000-06-15", "2000-06-15", 0},
	} {
		if got, ok := age(c.born, c.at); got != c.want || !ok {
			t.Errorf("born %s, on %s: %d, want %d", c.born, c.at, got, c.want)
		}
	}
	for _, bad := range []string{"", "2023-02-29", "0000-00-00", "2023-13-01", "20230101", "2100-02-29", "1900-02-29"} {
		if n, ok := age(bad, "2024-01-01"); ok {
			t.Errorf("%q gives %d", bad, n)
		}
	}
}

func TestNumbersOfJSON(t *testing.T) {
	for s, want := range map[string]bool{
		"0": true, "-0": true, "10": true, "1.50": true, "1e5": true, "1E-5": true, "1.0e+5": true, "": false, "-": false, "01": false,
		".5": false, "1.": false, "1e": false, "+1": false, " 1": false, "1x": false, "1e+": false, "1.5.5": false,
	} {
		if isNumber([]byte(s)) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestQuantities(t *testing.T) {
	for s, want := range map[string][2]string{
		"4.80": {"", "4.80"}, ">60": {">", "60"}, "<=1.7": {"<=", "1.7"}, ">=0": {">=", "0"}, "<-5": {"<", "-5"},
	} {
		comparator, number, ok := splitQuantity([]byte(s))
		if !ok || string(comparator) != want[0] || string(number) != want[1] {
			t.Errorf("%q: %q %q %v", s, comparator, number, ok)
		}
	}
	for _, s := range []string{"", ">", "1+", "?3.8", "5-6", "Approx. 70", "> 60", "<>5", "1,5"} {
		if _, _, ok := splitQuantity([]byte(s)); ok {
			t.Errorf("%q is a quantity", s)
		}
	}
}

func TestCodes(t *testing.T) {
	for s, want := range map[string]bool{"a": true, "a b": true, "": false, " a": false, "a ": false, "a  b": false, "a\x01": false, "é": true} {
		if validCode([]byte(s)) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
