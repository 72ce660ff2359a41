// Reads entities as a JSON list, and prints for each what Backstage's own model has against it: null for nothing.
"use strict";

const model = require("@backstage/catalog-model");

const policy = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);
const validators = {
  Component: model.componentEntityV1alpha1Validator,
  Group: model.groupEntityV1alpha1Validator,
  Resource: model.resourceEntityV1alpha1Validator,
  System: model.systemEntityV1alpha1Validator,
};

async function check(entity) {
  try {
    await policy.enforce(entity);
    return (await validators[entity.kind].check(entity)) ? null : `not of the kind ${entity.kind}`;
  } catch (error) {
    return error.message;
  }
}

async function main() {
  const entities = JSON.parse(require("node:fs").readFileSync(0, "utf-8"));
  console.log(JSON.stringify(await Promise.all(entities.map(check))));
}

main();
