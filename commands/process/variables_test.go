package process

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestSetVariables(t *testing.T) {
	t.Parallel()
	environ := []string{"A=1", "SMP_B=old", "SMP_BB=2", "C", "SMP_D=x=y"}
	got := SetVariables(environ, []Variable{{Name: "SMP_B", Value: "new"}, {Name: "SMP_D", Value: ""}, {Name: "SMP_E", Value: "5"}})
	want := []string{"A=1", "SMP_BB=2", "C", "SMP_B=new", "SMP_E=5"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if environ[1] != "SMP_B=old" {
		t.Error("the environment of the process was changed")
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	vars := []Variable{{Name: "FILE", Value: "x"}, {Name: "NONE", Value: ""}, {Name: "OTHER", Value: "x"}}
	if err := Absolute(vars, "FILE", "NONE"); err != nil {
		t.Fatal(err)
	}
	if want := []Variable{{Name: "FILE", Value: here}, {Name: "NONE", Value: ""}, {Name: "OTHER", Value: "x"}}; !slices.Equal(vars, want) {
		t.Errorf("got %v, want %v", vars, want)
	}
}
