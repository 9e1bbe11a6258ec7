#!/bin/sh
# Subscribes the Functions app to the uploads that Event Grid reports. azd runs it after it has deployed the app, because the app's host
# must run: it answers Event Grid's check, and makes the key that Event Grid uses. The key is secret: this script puts it into a temporary
# file that only its user may read, and never onto a command line.
set -eu

for name in AZURE_RESOURCE_GROUP IPUNET_FUNCTIONS_APP IPUNET_TOPIC IPUNET_HOST_ACCOUNT_ID IPUNET_EVENTS_IDENTITY_ID; do
  eval "value=\${$name:-}"
  [ -n "$value" ] || { echo "error: $name is not set. Run 'azd provision' first." >&2; exit 1; }
done
command -v az > /dev/null || { echo "error: the Azure CLI (az) is needed: https://aka.ms/azure-cli" >&2; exit 1; }

# A new host needs some time to make the key.
tries=0
until key=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$IPUNET_FUNCTIONS_APP" \
    --query systemKeys.blobs_extension --output tsv) && [ -n "$key" ]; do
  tries=$((tries + 1))
  if [ "$tries" -ge "${IPUNET_KEY_TRIES:-20}" ]; then
    echo "error: the Functions app $IPUNET_FUNCTIONS_APP has made no key for its blob trigger. Does it run?" >&2
    exit 1
  fi
  sleep "${IPUNET_KEY_PAUSE:-15}"
done

endpoint="https://$IPUNET_FUNCTIONS_APP.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.TakeUpload&code=$key"
parameters=$(mktemp)
trap 'rm -f "$parameters"' EXIT
trap 'exit 130' INT TERM
chmod 600 "$parameters"
cat > "$parameters" <<JSON
{
  "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "topicName": { "value": "$IPUNET_TOPIC" },
    "endpoint": { "value": "$endpoint" },
    "hostAccountId": { "value": "$IPUNET_HOST_ACCOUNT_ID" },
    "identityId": { "value": "$IPUNET_EVENTS_IDENTITY_ID" }
  }
}
JSON
az deployment group create --resource-group "$AZURE_RESOURCE_GROUP" --name uploads-subscription \
  --template-file "$(dirname "$0")/../events/subscription.bicep" --parameters "@$parameters" --output none
echo "Event Grid reports uploads to $IPUNET_FUNCTIONS_APP."
