// Command schemas turns CustomResourceDefinitions into the JSON Schemas that kubeconform reads: a
// file a kind and version, in which fields that nobody knows are refused.
//
//	schemas FOLDER CRD.yaml...
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	// What the definitions are made of, so that go.mod pins it.
	_ "github.com/fluxcd/kustomize-controller/api/v1"
	_ "github.com/fluxcd/notification-controller/api/v1beta3"
	_ "github.com/fluxcd/source-controller/api/v1"
)

type definition struct {
	Spec struct {
		Group string
		Names struct{ Kind string }
		Versions []struct {
			Name   string
			Schema struct{ OpenAPIV3Schema map[string]any }
		}
	}
}

func main() {
	log.SetFlags(0)
	for _, path := range os.Args[2:] {
		if err := convert(path, os.Args[1]); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
	}
}

func convert(path, folder string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var crd definition
	if err := yaml.Unmarshal(data, &crd); err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		schema := version.Schema.OpenAPIV3Schema
		refuseUnknown(schema)
		text, err := json.Marshal(schema)
		if err != nil {
			return err
		}
		kind := strings.ToLower(crd.Spec.Names.Kind)
		name := fmt.Sprintf("%s-%s-%s.json", kind, crd.Spec.Group, version.Name)
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// refuseUnknown closes every object whose fields are listed, as the API server prunes them.
func refuseUnknown(schema map[string]any) {
	delete(schema, "description")
	if properties, ok := schema["properties"].(map[string]any); ok {
		for _, one := range properties {
			if property, ok := one.(map[string]any); ok {
				refuseUnknown(property)
			}
		}
		_, more := schema["additionalProperties"]
		if open, _ := schema["x-kubernetes-preserve-unknown-fields"].(bool); !open && !more {
			schema["additionalProperties"] = false
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if below, ok := schema[key].(map[string]any); ok {
			refuseUnknown(below)
		}
	}
}
