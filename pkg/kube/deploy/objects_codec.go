package deploy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-monitor/kubectl-monitor/manifests"
)

// decodeManifests reads the full form, and refuses fields that its types do not
// have.
func decodeManifests() ([]runtime.Object, error) {
	files, err := fs.Glob(manifests.Full, "full/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []runtime.Object
	for _, file := range files {
		data, err := manifests.Full.ReadFile(file)
		if err != nil {
			return nil, err
		}
		objects, err := decode(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// strict is made when it is first needed: it knows every type of Kubernetes.
var strict = sync.OnceValue(func() runtime.Decoder {
	return serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
})

// decode reads the documents of one file.
func decode(data []byte) ([]runtime.Object, error) {
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	var objects []runtime.Object
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		object, _, err := strict().Decode(document, nil, nil)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

// encode makes of an object what is sent: its status is not ours to say, and what
// we have no value for is not said at all, lest it become ours by the apply.
func encode(object runtime.Object) (*unstructured.Unstructured, error) {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: fields}
	u.SetGroupVersionKind(kinds[0])
	strip(fields)
	return u, nil
}

// strip drops status and times of creation: of the object itself, its pod
// template, and its volume claim templates.
func strip(fields map[string]any) {
	delete(fields, "status")
	unstructured.RemoveNestedField(fields, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(fields, "spec", "template", "metadata", "creationTimestamp")
	claims, _, _ := unstructured.NestedFieldNoCopy(fields, "spec", "volumeClaimTemplates")
	list, _ := claims.([]any)
	for _, claim := range list {
		if m, ok := claim.(map[string]any); ok {
			strip(m)
		}
	}
}
