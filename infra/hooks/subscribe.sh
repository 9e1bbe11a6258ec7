#!/bin/sh
# Has Event Grid tell the Functions app of uploads. It runs after the app's program was deployed, for its host answers then, and has a key for Event
# Grid. The key goes from one to the other, and to nobody else: neither into a file that stays nor onto a command line.
set -eu

for name in AZURE_RESOURCE_GROUP IPUNET_FUNCTIONS_APP IPUNET_TOPIC IPUNET_HOST_ACCOUNT_ID IPUNET_EVENTS_IDENTITY_ID; do
  eval "value=\${$name:-}"
  [ -n "$value" ] || { echo "error: $name is not set. Run 'azd provision' first." >&2; exit 1; }
done
command -v az > /dev/null || { echo "error: the Azure CLI (az) is needed: https://aka.ms/azure-cli" >&2; exit 1; }

# A new host takes a while until it has made the key.
tries=0
until key=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$IPUNET_FUNCTIONS_APP" --query systemKeys.blobs_extension --output tsv) && [ -n "$key" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt "${IPUNET_KEY_TRIES:-20}" ] || { echo "error: the Functions app $IPUNET_FUNCTIONS_APP has made no key for its blob trigger. Does it run?" >&2; exit 1; }
  sleep "${IPUNET_KEY_PAUSE:-15}"
done

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
    "endpoint": { "value": "https://$IPUNET_FUNCTIONS_APP.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.TakeUpload&code=$key" },
    "hostAccountId": { "value": "$IPUNET_HOST_ACCOUNT_ID" },
    "identityId": { "value": "$IPUNET_EVENTS_IDENTITY_ID" }
  }
}
JSON
az deployment group create --resource-group "$AZURE_RESOURCE_GROUP" --name uploads-subscription \
  --template-file "$(dirname "$0")/../events/subscription.bicep" --parameters "@$parameters" --output none
echo "Event Grid tells $IPUNET_FUNCTIONS_APP of uploads."
