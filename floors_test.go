package ficus_test

import (
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ficushealth/ficus/"

// floor is one line of FLOORS.
type floor struct {
	pkg, reason string
	may         []string
	test        bool // support for tests
}

// TestFloors holds every import of the module against FLOORS.
func TestFloors(t *testing.T) {
	floors, used := readFloors(t), map[string]bool{}
	for _, p := range goList(t, `{{.ImportPath}}|{{join .Imports " "}}|{{join .TestImports " "}} {{join .XTestImports " "}}`) {
		part := strings.Split(p, "|")
		pkg := strings.TrimPrefix(part[0], module)
		f := floorOf(floors, pkg)
		if f.pkg == "" {
			t.Errorf("%s has no line in FLOORS", pkg)
		}
		used[f.pkg] = true
		for _, imported := range own(part[1]) {
			if !f.lets(floorOf(floors, imported), imported, f.test) {
				t.Errorf("%s may not import %s. %s", pkg, imported, f.reason)
			}
		}
		for _, imported := range own(part[2]) {
			if !f.lets(floorOf(floors, imported), imported, true) {
				t.Errorf("the tests of %s may not import %s. %s", pkg, imported, f.reason)
			}
		}
	}
	for _, f := range floors {
		if !used[f.pkg] {
			t.Errorf("FLOORS names %s, which does not exist", f.pkg)
		}
	}
}

// lets tells whether this line allows an import of a package that stands on the line to.
func (f floor) lets(to floor, imported string, test bool) bool {
	return slices.Contains(f.may, imported) || to.pkg == f.pkg || test && to.test
}

// readFloors reads the lines in order and proves that each names only lines above it.
func readFloors(t *testing.T) []floor {
	text, err := os.ReadFile("FLOORS")
	if err != nil {
		t.Fatal(err)
	}
	var floors []floor
	reason := ""
	for line := range strings.Lines(string(text)) {
		pkg, may, found := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "#"):
			reason = strings.TrimSpace(reason + line[1:])
		case found:
			floors = append(floors, newFloor(t, floors, strings.TrimSpace(pkg), strings.Fields(may), reason))
		default:
			reason = ""
		}
	}
	return floors
}

func newFloor(t *testing.T, above []floor, pkg string, words []string, reason string) floor {
	f := floor{pkg: pkg, reason: reason}
	for _, word := range words {
		before := len(f.may)
		for _, a := range above {
			if matched, _ := path.Match(word, a.pkg); matched && (f.test || !a.test) {
				f.may = append(f.may, a.pkg)
			}
		}
		f.test = f.test || word == "test"
		if word != "test" && len(f.may) == before {
			t.Errorf("FLOORS: %s names %s, which stands on no line above it", pkg, word)
		}
	}
	return f
}

// floorOf is the line of a package or of the nearest one above it that has a line.
func floorOf(floors []floor, pkg string) floor {
	for ; pkg != "."; pkg = path.Dir(pkg) {
		for _, f := range floors {
			if f.pkg == pkg {
				return f
			}
		}
	}
	return floor{}
}

func own(imports string) []string {
	var all []string
	for _, i := range strings.Fields(imports) {
		if in, found := strings.CutPrefix(i, module); found {
			all = append(all, in)
		}
	}
	return all
}

// goList runs go list over the module, this package left out.
func goList(t *testing.T, format string) []string {
	out, err := exec.Command("go", "list", "-e", "-f", format, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, module) })
}
