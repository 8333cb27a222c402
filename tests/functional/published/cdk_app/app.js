// A function whose code is an asset, and a state machine that calls it.
const path = require('node:path');
const cdk = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const sfn = require('aws-cdk-lib/aws-stepfunctions');
const tasks = require('aws-cdk-lib/aws-stepfunctions-tasks');

const app = new cdk.App();
const stack = new cdk.Stack(app, 'OfCdk');
const triple = new lambda.Function(stack, 'Triple', {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: 'app.handler',
  timeout: cdk.Duration.seconds(60),
  code: lambda.Code.fromAsset(path.join(process.env.APP_DIR ?? __dirname, 'triple')),
});
const call = new tasks.LambdaInvoke(stack, 'Call', {
  lambdaFunction: triple,
  outputPath: '$.Payload',
});
new sfn.StateMachine(stack, 'Machine', {
  stateMachineName: 'of-cdk',
  definitionBody: sfn.DefinitionBody.fromChainable(call),
});
