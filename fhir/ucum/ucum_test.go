package ucum

import (
	"math/big"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"pgregory.net/rapid"
)

func rat(s string) *big.Rat { r, _ := new(big.Rat).SetString(s); return r }

func TestConvert(t *testing.T) {
	for _, c := range []struct{ value, from, to, want string }{
		{"1", "kg", "g", "1000"},
		{"4", "g", "mg", "4000"},
		{"1", "[lb_av]", "g", "453.59237"},
		{"185", "[lb_av]", "kg", "83.91458845"},
		{"1", "L", "cm3", "1000"},
		{"120", "mm[Hg]", "kPa", "15.99864"},
		{"37", "Cel", "[degF]", "98.6"},
		{"-40", "[degF]", "Cel", "-40"},
		{"0", "K", "Cel", "-273.15"},
		{"1", "wk", "d", "7"},
		{"1", "h", "s", "3600"},
		{"1", "a", "d", "365.25"},
		{"5", "mmol/L", "umol/mL", "5"},
		{"1", "10*3/uL", "10*9/L", "1"},
		{"100", "%", "1", "1"},
		{"1", "[in_i]", "cm", "2.54"},
		{"7", "{cells}/uL", "/uL", "7"},
		{"3", "[IU]/L", "k[iU]/m3", "3"},
		{"2", "m/s2", "m.s-2", "2"},
		{"2", "g/(m.s2)", "kg/m/s2", "0.002"},
		{"1", "dag", "g", "10"},
		{"1", "cd", "mcd", "1000"},
		{"1", "min", "s", "60"},
		{"8", "[foz_us]", "[cup_us]", "1"},
		{"1", "KiBy", "bit", "8192"},
	} {
		got, err := Convert(rat(c.value), c.from, c.to)
		if err != nil || got.Cmp(rat(c.want)) != 0 {
			t.Errorf("%s %s in %s: %v, %v; want %s", c.value, c.from, c.to, got, err, c.want)
		}
	}
}

func TestUnitsThatDoNotMeasureTheSame(t *testing.T) {
	for _, c := range [][2]string{
		{"cm", "s"}, {"g", "mol"}, {"[iU]", "U"}, {"[iU]", "1"}, {"[pH]", "1"}, {"m2", "m"}, {"Cel", "Cel2"}, {"rad", "1"},
	} {
		if _, err := Convert(rat("1"), c[0], c[1]); !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s in %s: %v", c[0], c[1], err)
		}
	}
}

func TestMalformed(t *testing.T) {
	for code, col := range map[string]int{
		"": 1, "lbs": 1, "mg/": 4, "(m": 3, "m)": 2, "kg.xx": 4, "m{a": 2, "mday": 1, "m99": 1, "m..s": 3, "milligram": 1,
		"((((((((((m))))))))))": 9, " m": 1, "0": 1, "kmin": 1,
		"Ym32.Ym32": 10,
	} {
		_, err := Parse(code)
		if f := fault.Find(err); f == nil || f.Kind != fault.Invalid || f.Issues[0].Col != col {
			t.Errorf("%q: %+v, want column %d", code, f, col)
		}
	}
}

func TestCanonical(t *testing.T) {
	for unit, want := range map[string]string{
		"1": "1", "N": "g.m.s-2", "mmol/L": "m-3", "[degF]": "K", "m/m": "1", "kat": "s-1", "[iU]/mL": "[iU].m-3", "{RBC}": "1",
	} {
		u, err := Parse(unit)
		if err != nil || u.Canonical() != want {
			t.Errorf("%s: %s, %v; want %s", unit, u.Canonical(), err, want)
		}
	}
}

func TestEveryAtomCanBeRead(t *testing.T) {
	for code := range atoms() {
		if _, err := Parse(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestThereAndBackIsTheSame(t *testing.T) {
	units := []string{"m", "cm", "[in_i]", "[ft_us]", "Cel", "[degF]", "K", "g", "[lb_av]", "u", "s", "a", "mo", "L", "[tsp_us]", "dm3"}
	rapid.Check(t, func(t *rapid.T) {
		from, to := rapid.SampledFrom(units).Draw(t, "from"), rapid.SampledFrom(units).Draw(t, "to")
		v := big.NewRat(rapid.Int64().Draw(t, "n"), rapid.Int64Range(1, 1e9).Draw(t, "d"))
		there, err := Convert(v, from, to)
		if err != nil {
			return
		}
		if back, err := Convert(there, to, from); err != nil || back.Cmp(v) != 0 {
			t.Fatalf("%v %s is %v %s is %v %s, %v", v, from, there, to, back, from, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"kg.m/s2", "10*3/uL", "{a}.m", "((m))", "mm[Hg]", "[in_i'H2O]", "m-99", "Cel.s", "b17"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, err := Parse(code)
		if err != nil {
			return
		}
		again, err := Parse(u.Canonical())
		if err != nil || !again.Comparable(u) || again.factor.Cmp(big.NewRat(1, 1)) != 0 {
			t.Fatalf("%q: the canonical unit %q is not one: %v", code, u.Canonical(), err)
		}
	})
}
