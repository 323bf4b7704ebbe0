package ficus_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pkg is one folder of Go files, parsed.
type pkg struct {
	dir         string
	set         *token.FileSet
	files       map[string]*ast.File // by name
	code, tests []*ast.File
}

// TestEveryPackageSaysWhatItIs asks each package for a doc.go, which holds the
// package comment, and for no second comment elsewhere.
func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.code) == 0 {
			continue
		}
		if f := p.files["doc.go"]; f == nil || f.Doc == nil {
			t.Errorf("%s: no doc.go with a package comment: what it owns, promises and never does", p.dir)
		}
		for name, f := range p.files {
			if name != "doc.go" && f.Doc != nil {
				t.Errorf("%s/%s: the package comment belongs in doc.go", p.dir, name)
			}
		}
	}
}

// TestNothingRunsByImport refuses init functions: what runs is what app lists.
func TestNothingRunsByImport(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range p.code {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: init() runs by import; let app call it", p.set.Position(fn.Pos()))
				}
			}
		}
	}
}

// TestNothingIsLeftOpen refuses notes of unfinished work and code that panics because it is not there yet.
func TestNothingIsLeftOpen(t *testing.T) {
	open := regexp.MustCompile(`(//|--|#).*\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b|\b(not |un)` + `implemented\b`)
	for path, text := range textFiles(t) {
		for n, line := range strings.Split(text, "\n") {
			if open.MatchString(line) {
				t.Errorf("%s:%d: unfinished: build it, or list it as missing in an issue", path, n+1)
			}
		}
	}
}

// TestNoTestIsSkippedInSilence leaves skipping to suites, which counts and names what did not run.
func TestNoTestIsSkippedInSilence(t *testing.T) {
	for _, p := range packages(t) {
		if strings.HasPrefix(p.dir, "suites") {
			continue
		}
		for _, f := range slices.Concat(p.tests, p.code) {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, call.Sel.Name) && isTest(call.X) {
					t.Errorf("%s: use suites.Path or suites.Missing, which name what did not run", p.set.Position(n.Pos()))
				}
				return true
			})
		}
	}
}

// TestArticlesFitTheirNames refuses a text with "a" before what is only known when it runs: that may be an Observation.
func TestArticlesFitTheirNames(t *testing.T) {
	blind := regexp.MustCompile(`(^|[^\w-])[aA]n? %[svq]|\w [aA]n? "$`)
	for _, p := range packages(t) {
		for _, f := range p.code {
			ast.Inspect(f, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && blind.MatchString(text.Value) {
					t.Errorf("%s: let fault.A find the article", p.set.Position(n.Pos()))
				}
				return true
			})
		}
	}
}

// TestEveryFileIsFormatted asks for what gofmt makes of it, so that a difference is never one of spaces.
func TestEveryFileIsFormatted(t *testing.T) {
	for path, text := range textFiles(t) {
		if filepath.Ext(path) != ".go" {
			continue
		}
		if tidy, err := format.Source([]byte(text)); err != nil || string(tidy) != text {
			t.Errorf("%s: run gofmt -w on it (%v)", path, err)
		}
	}
}

func isTest(x ast.Expr) bool {
	name, ok := x.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, name.Name)
}

// packages parses every folder of the repository that holds Go files.
func packages(t *testing.T) []*pkg {
	t.Helper()
	all := map[string]*pkg{}
	for path := range textFiles(t) {
		if strings.HasSuffix(path, ".go") && !strings.Contains(path, "testdata/") {
			dir := filepath.Dir(path)
			if all[dir] == nil {
				all[dir] = &pkg{dir: dir, set: token.NewFileSet(), files: map[string]*ast.File{}}
			}
			all[dir].add(t, path)
		}
	}
	var sorted []*pkg
	for _, p := range all {
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b *pkg) int { return strings.Compare(a.dir, b.dir) })
	return sorted
}

func (p *pkg) add(t *testing.T, path string) {
	f, err := parser.ParseFile(p.set, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	p.files[filepath.Base(path)] = f
	if strings.HasSuffix(path, "_test.go") {
		p.tests = append(p.tests, f)
		return
	}
	p.code = append(p.code, f)
}

// textFiles reads what the repository's authors write: code, documents, schemas, mappings.
func textFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	kinds := []string{".go", ".md", ".csv", ".sql", ".yaml", ".yml", ".mod", ".sh", ".txtar", ".svg", ".css", ".html"}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		named := slices.Contains([]string{"Makefile", "FLOORS", "run"}, d.Name())
		if d.IsDir() || !named && !slices.Contains(kinds, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
