package ficus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	linkInText = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	codeInText = regexp.MustCompile("`([^`\n]+)`")
	pathInCode = regexp.MustCompile(`^[a-zA-Z][\w.-]*(/[\w.-]+)+/?$`)
	fileInCode = regexp.MustCompile(`^[\w-]+\.(go|md|sql|yaml)$|^(FLOORS|LICENSE|Makefile)$`)
	fileInArgs = regexp.MustCompile(`\b[\w-]+\.json\b`)
	mediaType  = regexp.MustCompile(`^(application|text|image)/`)
)

// TestDocumentsNameWhatIsThere follows every link and every path in backticks
// of every document, and the tree in ARCHITECTURE.md.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	for file, text := range documents(t) {
		for _, m := range linkInText.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") {
				expectPath(t, file, filepath.Join(filepath.Dir(file), m[1]))
			}
		}
		for _, m := range codeInText.FindAllStringSubmatch(text, -1) {
			switch {
			case pathInCode.MatchString(m[1]) && (ours(m[1]) || filepath.Dir(file) == "." && !mediaType.MatchString(m[1])):
				expectPath(t, file, m[1])
			case fileInCode.MatchString(m[1]) && filepath.Dir(file) == "." && m[1] != "doc.go" && m[1] != "main.go":
				expectPath(t, file, m[1])
			}
		}
	}
	for _, line := range block(documents(t)["ARCHITECTURE.md"], "text") {
		expectPath(t, "ARCHITECTURE.md", strings.Fields(line)[0])
	}
}

// TestTheTreeIsWhole asks ARCHITECTURE.md to name every line of FLOORS, those further down under their parent.
func TestTheTreeIsWhole(t *testing.T) {
	tree := strings.Join(block(documents(t)["ARCHITECTURE.md"], "text"), "\n") + "\n"
	for _, f := range readFloors(t) {
		if !f.test && strings.Count(f.pkg, "/") < 2 && !strings.Contains("\n"+tree, "\n"+f.pkg+" ") {
			t.Errorf("ARCHITECTURE.md: the tree does not name %s", f.pkg)
		}
	}
}

// TestCommandsInDocumentsParse gives every ficus command of every document to the binary, with --help behind it, and
// every make target to make -n.
func TestCommandsInDocumentsParse(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "ficus")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/ficus").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	dir := t.TempDir()
	for file, text := range documents(t) {
		for _, line := range block(text, "sh") {
			out, err := parseCommand(binary, dir, line)
			if err != nil {
				t.Errorf("%s: %s: %v\n%s", file, line, err, out)
			}
		}
	}
}

// TestTestsInDocumentsExist finds a test for each name in a "go test ./x -run Name" of every document.
func TestTestsInDocumentsExist(t *testing.T) {
	command := regexp.MustCompile("go test \\./(\\S+?)(?: -run '?([\\w|\\\\]+)'?)?[`;, ]")
	files := textFiles(t)
	for file, text := range documents(t) {
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			tests, err := filepath.Glob(m[1] + "/*_test.go")
			if err != nil || len(tests) == 0 {
				t.Errorf("%s: %s has no tests", file, m[1])
			}
			var all strings.Builder
			for _, name := range tests {
				all.WriteString(files[name])
			}
			for name := range strings.SplitSeq(strings.ReplaceAll(m[2], `\|`, "|"), "|") {
				if !regexp.MustCompile(`func Test\w*` + strings.TrimPrefix(name, "Test")).MatchString(all.String()) {
					t.Errorf("%s: %s has no test %s", file, m[1], name)
				}
			}
		}
	}
}

// TestEveryDependencyHasARecord asks docs/decisions to name each module that ours imports.
func TestEveryDependencyHasARecord(t *testing.T) {
	var records strings.Builder
	for file, text := range documents(t) {
		if strings.HasPrefix(file, "docs/decisions/") {
			records.WriteString(text)
		}
	}
	for _, line := range goList(t, "{{.ImportPath}} {{join .Imports \" \"}} {{join .TestImports \" \"}} {{join .XTestImports \" \"}}") {
		for _, imported := range strings.Fields(line) {
			if host, _, _ := strings.Cut(imported, "/"); !strings.Contains(host, ".") || strings.HasPrefix(imported, module) {
				continue
			}
			if !recorded(records.String(), imported) {
				t.Errorf("%s is imported and stands in no record of docs/decisions", imported)
			}
		}
	}
}

// recorded looks for the package's module: the path or a beginning of it, as a whole word.
func recorded(records, imported string) bool {
	for path := imported; strings.Contains(path, "/"); path = filepath.Dir(path) {
		if regexp.MustCompile(regexp.QuoteMeta(path) + `([^/\w-]|$)`).MatchString(records) {
			return true
		}
	}
	return false
}

// parseCommand runs in an empty folder where the files are made that the command reads.
func parseCommand(binary, dir, line string) ([]byte, error) {
	if args, found := strings.CutPrefix(line, "make"); found {
		return exec.Command("make", append([]string{"-n"}, strings.Fields(args)...)...).CombinedOutput()
	}
	for _, start := range []string{"go run ./cmd/ficus ", "bin/ficus ", "ficus "} {
		if args, found := strings.CutPrefix(line, start); found {
			args, _, _ = strings.Cut(args, "  #")
			cmd := exec.Command("sh", "-c", binary+" "+args+" --help")
			cmd.Dir = dir
			for _, file := range fileInArgs.FindAllString(args, -1) {
				if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
					return nil, err
				}
			}
			return cmd.CombinedOutput()
		}
	}
	return nil, nil
}

// ours tells whether a path begins in a folder of the repository; others are packages of other modules.
func ours(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	_, err := os.Stat(first)
	return err == nil
}

// block returns the lines of the fenced blocks of one language, continuation lines joined.
func block(text, language string) []string {
	var lines []string
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			inside = line == "```"+language
			continue
		}
		if !inside || line == "" {
			continue
		}
		if n := len(lines); n > 0 && strings.HasSuffix(lines[n-1], `\`) {
			lines[n-1] = strings.TrimSuffix(lines[n-1], `\`) + strings.TrimSpace(line)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

func documents(t *testing.T) map[string]string {
	docs := map[string]string{}
	for path, text := range textFiles(t) {
		if filepath.Ext(path) == ".md" {
			docs[path] = text
		}
	}
	return docs
}

func expectPath(t *testing.T, file, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("%s names %s, which is not there", file, path)
	}
}
